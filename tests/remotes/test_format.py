"""Tests of `modelhub.remotes.format`."""

import pytest

from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.remotes.format import FORMAT_LINE, check_format


def test_what_is_written_is_read() -> None:
    """One line, with its end."""
    check_format(FORMAT_LINE, "there")
    for other in ("", FORMAT_LINE.strip(), FORMAT_LINE + "x", "dlv repository 1\n"):
        with pytest.raises(IntegrityError, match=r"^there (must say|has)"):
            check_format(other, "there")


def test_a_later_format_says_what_to_do() -> None:
    """Whatever it is called."""
    with pytest.raises(NewerFormatError, match="this dlv reads 1; upgrade with"):
        check_format("dlv remote 2\n", "there")
