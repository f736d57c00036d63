import errno
import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import modelhub.cli
from modelhub._version import __version__
from modelhub.cli.application import ALIASES, COMMANDS, SUMMARIES, application, run
from modelhub.errors import InputError, IntegrityError, NotFoundError

FRAME = {
    *("__main__", "application", "assignments", "bar", "examples", "failures", "fetched"),
    "main_metric",
    *("metadata", "naming", "progress", "render", "repository", "seconds", "sizes", "staged"),
    *("start", "terminal", "trials", "trial_table"),
}
LONG = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
import click
from modelhub.cli import main
from modelhub.cli.application import application
from modelhub.cli.render import rows_options, render
from modelhub.pages import Column, Kind, Table

@application.command()
@rows_options
def rows():
    render([("a" * 300, n) for n in range(50_000)],
           page=lambda r: Table(columns=[Column("name"), Column("n", Kind.COUNT)], rows=r),
           ids=lambda r: (a for a, _ in r))

@application.command()
def wait():
    click.echo("ready", err=True)
    time.sleep(60)

main()
"""


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], int]:
    """Runs a command that raises."""

    def run_with(error: BaseException, *arguments: str) -> int:
        @click.command()
        @click.option("--json", is_flag=True)
        def boom(**_: object) -> None:
            raise error

        monkeypatch.setitem(application.commands, "boom", boom)
        return run(["boom", *arguments])

    return run_with


def test_each_way_to_fail_has_a_line_and_a_status(
    ending: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors of ours, of the operating system, of the user, and mistakes."""
    table = [
        (NotFoundError("no x; see y"), 3, "dlv: no x; see y\n"),
        (IntegrityError("bad\nlook there"), 5, "dlv: bad\nhint: look there\n"),
        (InputError("a\x1b[2J\u202e"), 1, "dlv: a\\x1b[2J\\u202e\n"),
        (
            OSError(errno.ENOSPC, "No space", "/x/y"),
            9,
            "dlv: cannot use /x/y: the disk is full; free some space and run the command again\n",
        ),
        (OSError(errno.ENOENT, "No such", "f"), 9, "dlv: cannot use f: No such\n"),
        (KeyboardInterrupt(), 130, "dlv: interrupted\n"),
        (click.Abort(), 130, "dlv: interrupted\n"),
        (click.BadParameter("Not so."), 2, "dlv: invalid value: Not so; see: dlv boom --help\n"),
        (click.exceptions.Exit(1), 1, ""),
        (
            KeyError("k\n"),
            1,
            (
                "dlv: internal error (KeyError: 'k\\n'); please report it; "
                "run with DLV_DEBUG=1 for the traceback\n"
            ),
        ),
    ]
    for error, status, line in table:
        assert ending(error) == status
        assert capsys.readouterr() == ("", line)


def test_failures_as_json(ending: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """With --json a failure is JSON on stderr, with its stable code."""
    assert ending(NotFoundError("no \u202ex"), "--json") == 3
    assert json.loads(capsys.readouterr().err) == {
        "error": {"code": "not-found", "message": "no \u202ex"}
    }
    assert run(["boom", "--json", "--wrong"]) == 2
    assert json.loads(capsys.readouterr().err)["error"]["code"] == "usage"
    assert run(["boom", "--wrong", "--", "--json"]) == 2
    assert capsys.readouterr().err.startswith("dlv: no such option")


def test_the_traceback_is_there_for_who_asks(
    ending: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DLV_DEBUG=1 shows where an error came from, before its line."""
    monkeypatch.setenv("DLV_DEBUG", "1")
    ending(NotFoundError("no x"))

    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):")
    assert shown.endswith("dlv: no x\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["commot"], "dlv: no command is called 'commot'; did you mean commit?\n"),
        (["xyz"], "dlv: no command is called 'xyz'; see: dlv --help\n"),
        (
            ["version", "extra"],
            "dlv: got unexpected extra argument (extra); see: dlv version --help\n",
        ),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, one line, and where the help is."""
    assert run(arguments) == 2
    assert capsys.readouterr().err == message


def test_the_help_imports_no_command() -> None:
    """The table is enough: neither a command nor what it stands on is loaded."""
    program = (
        "import sys\nfrom modelhub.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sorted(m for m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())

    assert not loaded & {"numpy", "sqlalchemy", "rich", "torch", "modelhub.dlv", "modelhub.pas"}
    assert not loaded & {f"modelhub.cli.{name.replace('-', '_')}" for name in SUMMARIES}
    for title, commands in COMMANDS.items():
        assert f"{title}:" in done.stdout
        assert all(f"  {name} " in done.stdout for name in commands)


def test_the_version() -> None:
    """`dlv --version` is one line."""
    assert CliRunner().invoke(application, ["--version"]).output == f"dlv {__version__}\n"


def test_every_command_module_is_in_the_table() -> None:
    """A module of the folder is the frame's or a command's."""
    folder = Path(modelhub.cli.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}

    assert modules >= FRAME
    assert modules - FRAME <= {name.replace("-", "_") for name in SUMMARIES}
    assert set(ALIASES.values()) <= set(SUMMARIES)


def written_commands() -> list[str]:
    folder = Path(modelhub.cli.__file__).parent
    return [name for name in SUMMARIES if (folder / f"{name.replace('-', '_')}.py").exists()]


@pytest.mark.parametrize("name", written_commands())
def test_every_command_has_examples_and_answers_programs(name: str) -> None:
    """The help ends in lines that can be typed; --json and -q are there."""
    shown = CliRunner().invoke(application, [name, "--help"]).output

    assert f"\n    dlv {name}" in shown.partition("Examples:")[2]
    if name not in {"completion", "serve"}:  # a script; and no answer before its end
        assert "--json" in shown
        assert "--quiet" in shown


def test_running_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """-C changes the folder as often as it is given, each from the one before."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    assert run(["-C", "a", "-C", "b", "version"]) == 0
    assert Path.cwd() == tmp_path / "a" / "b"
    assert run(["-C", "nowhere", "version"]) == 3


def script(*arguments: str, **options: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", LONG, *arguments], **options)


def test_a_pipe_that_nobody_reads_is_no_error() -> None:
    """`dlv … | head` ends silently with 141."""
    with script("rows", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr
        errors = running.stderr.read()

    assert (running.returncode, errors) == (141, b"")


def test_a_full_disk_under_the_output_is_told() -> None:
    """What could not be written is never taken for done."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", LONG, "version"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )

    assert done.returncode == 9
    assert done.stderr == (
        b"dlv: cannot use the output: the disk is full; free some space and run the command again\n"
    )


def test_output_that_is_closed() -> None:
    """With no stdout at all a command still ends as it should."""
    done = subprocess.run(
        [sys.executable, "-c", LONG, "version"],
        stderr=subprocess.PIPE,
        check=False,
        preexec_fn=lambda: os.close(1),
    )

    assert (done.returncode, done.stderr) == (0, b"")


def test_an_interrupted_command_ends_cleanly() -> None:
    """Ctrl-C is one line and status 130."""
    with script("wait", stderr=subprocess.PIPE) as running:
        assert running.stderr
        assert running.stderr.readline() == b"ready\n"
        running.send_signal(signal.SIGINT)
        errors = running.stderr.read()

    assert (running.returncode, errors) == (130, b"dlv: interrupted\n")


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """What a command writes to a terminal of 40 columns: its first 4,000 bytes or so."""
    ours, theirs = pty.openpty()
    running = script(
        *arguments,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "40", "TERM": "xterm", **environment},
    )
    os.close(theirs)
    shown = b""
    while len(shown) < 4000 and select.select([ours], [], [], 30)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    running.kill()
    running.wait()
    os.close(ours)
    return shown.decode(errors="replace").replace("\r\n", "\n")


def test_a_terminal_gets_a_table_that_fits() -> None:
    """Titles are bold, long values are shortened."""
    lines = on_a_terminal("rows", NO_COLOR="").split("\n")

    assert lines[0].startswith("\x1b[1mname ")
    assert lines[1].endswith("a…       0")
    assert len(lines[1]) == 40


def test_a_terminal_without_colour() -> None:
    """NO_COLOR leaves no escape sequence; --no-truncate leaves values whole."""
    shown = on_a_terminal("rows", "--no-truncate", NO_COLOR="1")

    assert "\x1b" not in shown
    assert "a" * 300 in shown


def test_a_pipe_gets_whole_values_and_no_colour() -> None:
    """What is piped does not depend on the terminal."""
    done = subprocess.run(
        [sys.executable, "-c", LONG, "rows"],
        capture_output=True,
        check=True,
        env={**os.environ, "COLUMNS": "40"},
    )

    assert b"\x1b" not in done.stdout
    assert done.stdout.count(b"a" * 300) == 50_000
