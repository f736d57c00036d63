"""Sizes on the command line."""

import click
import pytest

from modelhub.cli.sizes import read_sizes
from modelhub.errors import UsageError

WHERE = click.Context(click.Command("desc")), click.Option(["--input-size"])


def test_a_size_or_a_shape() -> None:
    """Both forms."""
    assert read_sizes(*WHERE, ["batch=8", "image=8,1,28,28"]) == {
        "batch": [8],
        "image": [8, 1, 28, 28],
    }


@pytest.mark.parametrize("given", ["8", "batch=", "=8", "batch=a", "batch=-1", "batch=1,,2"])
def test_any_other_form_is_refused(given: str) -> None:
    """With an example."""
    with pytest.raises(UsageError, match="say batch=8, or image=8,1,28,28"):
        read_sizes(*WHERE, [given])
