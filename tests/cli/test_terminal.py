"""Who looks at the terminal."""

import io

import pytest

from modelhub.cli.terminal import has_style, is_terminal


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_bold_is_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR, TERM=dumb and a pipe each turn it off."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert has_style(Terminal())
    assert not has_style(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_style(Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert not is_terminal(Terminal())
