import io
import sys
from itertools import count

import click
import pytest
from click.testing import CliRunner

from modelhub.cli import progress as module
from modelhub.cli.progress import Meter, progress
from modelhub.cli.render import output_options


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def terminal_as_stderr(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    found = Terminal()
    monkeypatch.setattr(sys, "stderr", found)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("DLV_NO_PROGRESS", raising=False)
    return found


def test_without_a_terminal_nobody_is_told() -> None:
    """The operation gets no callback at all."""
    with progress() as told:
        assert told is None


def test_a_variable_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """DLV_NO_PROGRESS=1 wins over the terminal."""
    terminal_as_stderr(monkeypatch)
    monkeypatch.setenv("DLV_NO_PROGRESS", "1")
    with progress() as told:
        assert told is None


@pytest.mark.parametrize(("option", "shown"), [("--json", False), ("-q", False), (None, True)])
def test_answers_for_programs_come_without_it(option: str | None, *, shown: bool) -> None:
    """--json and -q turn it off."""
    seen = []

    @click.command()
    @output_options
    def command() -> None:
        sys.stderr = Terminal()
        with progress() as told:
            seen.append(told is not None)

    runner = CliRunner(env={"TERM": "xterm", "DLV_NO_PROGRESS": ""})
    result = runner.invoke(command, [option] if option else [], catch_exceptions=False)

    assert result.exit_code == 0
    assert seen == [shown]


def test_what_is_quick_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the first second nothing is written."""
    terminal = terminal_as_stderr(monkeypatch)
    with progress() as told:
        assert told is not None
        told("reading", 1, 2)
        told("reading", 2, 2)

    assert terminal.getvalue() == ""


def test_what_takes_longer_is_drawn_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a second there is a bar, with hidden characters shown; at the end it is gone."""
    terminal = terminal_as_stderr(monkeypatch)
    clock = count()
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock) * 0.6)
    meter = Meter()
    for done in range(5):
        meter("reading \u202e[red]", done << 20, 4 << 20)
    meter.close()

    shown = terminal.getvalue()
    assert "reading \\u202e[red]" in shown
    assert "4.0/4.0 MiB" in shown
    assert shown.endswith(("\x1b[2K", "\x1b[?25h"))
