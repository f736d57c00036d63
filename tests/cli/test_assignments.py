"""Options of the form name=value."""

import click
import pytest

from modelhub.cli.assignments import NUMBER, SETTING, TEXT


def test_values_of_each_kind() -> None:
    """Numbers, settings, texts; a value may hold the sign itself."""
    assert NUMBER.convert("loss=1e-3", None, None) == ("loss", 0.001)
    assert SETTING.convert("layers=3", None, None) == ("layers", 3)
    assert SETTING.convert("name=a=b", None, None) == ("name", "a=b")
    assert TEXT.convert("note=3", None, None) == ("note", "3")


@pytest.mark.parametrize("text", ["loss", "=1", "loss=x"])
def test_what_is_no_assignment(text: str) -> None:
    """Wrong usage."""
    with pytest.raises(click.BadParameter):
        NUMBER.convert(text, None, None)
