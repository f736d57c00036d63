"""The command `dlv`: its table of commands, and what becomes of each way it can end."""

import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import cast

import click
from click.shell_completion import CompletionItem, shell_complete

from modelhub._version import __version__
from modelhub.cli.examples import examples
from modelhub.cli.failures import (
    INTERRUPTED,
    PIPE_CLOSED,
    Reporter,
    abandon_output,
    flush_output,
    storage_error,
    undisturbed,
    was_interrupted,
)
from modelhub.errors import ModelHubError, NotFoundError

PROGRAM = "dlv"
COMPLETE_VARIABLE = "_DLV_COMPLETE"
ALIASES = {"ls": "list"}

COMMANDS = {
    "Start a repository": {
        "init": "Start a repository in a folder.",
        "status": "Show what is staged, and what each file is taken for.",
        "config": "Show or change settings.",
    },
    "Record": {
        "add": "Stage files for the next commit.",
        "commit": "Record files as a new version of a model.",
        "copy": "Start a new model from a version of another.",
        "tag": "Name a version for good.",
        "alias": "Name a version for now.",
        "annotate": "Add metrics and notes to a version.",
        "rm": "Forget versions.",
    },
    "Explore": {
        "list": "List models and versions, with their lineage. Also: ls.",
        "log": "Show the history of a version.",
        "query": "Find versions by what is known of them, in DQL.",
        "desc": "Describe a version: network, tensors, metrics, files, storage.",
        "diff": "Compare two versions.",
        "du": "Show how many bytes models and versions take.",
        "cat-tensor": "Print the elements of a tensor.",
        "eval": "Run versions on data, and measure them.",
    },
    "Take back": {
        "checkout": "Write the files of a version, byte for byte.",
    },
    "Share": {
        "remote": "Name remotes, and show what they have.",
        "publish": "Put versions onto a remote.",
        "fetch": "Bring versions of a remote into the repository.",
        "pull": "Fetch a version, and write its files.",
        "clone": "Start a repository with all that a remote has.",
        "search": "Find models on a hub.",
        "auth": "Log in to hubs; manage accounts and tokens.",
        "serve": "Host a hub.",
    },
    "Care": {
        "archive": "Store versions as deltas of each other, as a plan says.",
        "gc": "Free the bytes of forgotten versions.",
        "fsck": "Check every stored byte; repair; rebuild the catalog.",
    },
    "Other": {
        "completion": "Print a script that completes commands in a shell.",
        "version": "Show the version of dlv and of the formats it reads.",
    },
}
SUMMARIES = {name: text for section in COMMANDS.values() for name, text in section.items()}

EXIT_STATUSES = (
    (0, "done"),
    (1, "wrong input, an internal error, or differences found by diff --exit-code"),
    (2, "wrong usage"),
    (3, "not found: a revision, a file, a repository"),
    (4, "conflict: something is in the way, or in use"),
    (5, "damage: stored bytes are not what they must be"),
    (6, "a budget that no storage plan keeps"),
    (7, "a query that cannot be read or run"),
    (8, "a package is missing that an extra installs"),
    (9, "reading or writing was refused: disk full, no permission, no answer of a remote"),
    (10, "access refused by a hub"),
    (INTERRUPTED, "interrupted"),
    (PIPE_CLOSED, "nobody read the output to its end"),
)


class CommandTable(click.Group):
    """A group whose commands are modules that are imported only when they run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help; aliases are left out."""
        del ctx
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; its module is called like it, with `_` for `-`."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in SUMMARIES:
            return super().get_command(ctx, name)
        with undisturbed():
            module = import_module(f"{__package__}.{name.replace('-', '_')}")
        return cast("click.Command", module.command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with.

        Raises:
            click.UsageError: there is none; says which is meant.
        """
        name = args[0]
        is_known = name in SUMMARIES or name in ALIASES or name in self.commands
        if not is_known and not name.startswith("-") and not ctx.resilient_parsing:
            close = difflib.get_close_matches(name, [*SUMMARIES, *ALIASES], n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"see: {PROGRAM} --help"
            raise click.UsageError(f"no command is called {name!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands, a section each, without importing them."""
        del ctx
        for title, commands in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()), col_max=12)
        with formatter.section("Exit statuses"):
            formatter.write_dl([(f"{status:>3}", text) for status, text in EXIT_STATUSES])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, without importing any."""
        del ctx
        return [
            CompletionItem(name, help=text)
            for name, text in SUMMARIES.items()
            if name.startswith(incomplete)
        ]


def _change_folder(
    _context: click.Context, _parameter: click.Parameter, folders: Sequence[str]
) -> None:
    for folder in folders:
        try:
            os.chdir(folder)
        except OSError as error:
            raise NotFoundError(
                f"cannot change to the folder {folder!r}: {error.strerror}"
            ) from None


@click.command(
    cls=CommandTable,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "dlv init",
        'dlv commit lenet runs/lenet/*.pt -m "first try"',
        "dlv list",
        "dlv checkout lenet@1 --to elsewhere",
    ),
)
@click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")
@click.option(
    "-C",
    "folders",
    metavar="DIR",
    multiple=True,
    expose_value=False,
    callback=_change_folder,
    help="Run as if started in DIR.",
)
def application() -> None:
    """Version control for deep-learning models: their weights, lineage and metrics."""


def run(arguments: list[str]) -> int:
    """Run one command; every way that it can end becomes an exit status and at most a line."""
    report = Reporter.for_arguments(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a closed one is None
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _invoke(arguments)
        flush_output()
    except (KeyboardInterrupt, EOFError, click.Abort):
        status = report.interruption()
    except Exception as error:  # noqa: BLE001 - the only one: nothing may end in a traceback
        status = report.interruption() if was_interrupted(error) else _failed(report, error)
    return status


def _failed(report: Reporter, error: Exception) -> int:
    if isinstance(error, ModelHubError):
        return report.failure(error)
    if isinstance(error, click.ClickException):
        return report.usage(error)
    if isinstance(error, BrokenPipeError):
        abandon_output()
        return PIPE_CLOSED
    if isinstance(error, OSError):
        status = report.failure(storage_error(error))
        abandon_output()
        return status
    return report.internal(error)


def _invoke(arguments: list[str]) -> int:
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        return shell_complete(application, {}, PROGRAM, COMPLETE_VARIABLE, instruction)
    try:
        with application.make_context(PROGRAM, arguments) as context:
            application.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0
