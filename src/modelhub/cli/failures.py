"""How a command ends that did not do what it was asked: one line, and an exit status."""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Self

import click

from modelhub import durable
from modelhub.config import read_environment
from modelhub.errors import ModelHubError, StorageError
from modelhub.pages import visible

INTERRUPTED = 130
PIPE_CLOSED = 141


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Writes failures to stderr.

    Attributes:
        as_json: as `{"error": {"code": …, "message": …}}`.
        is_debugging: with the traceback before it.
    """

    as_json: bool
    is_debugging: bool

    @classmethod
    def for_arguments(cls, arguments: Sequence[str]) -> Self:
        """The reporter for a command line, which need not be a correct one."""
        own = arguments[: arguments.index("--")] if "--" in arguments else arguments
        return cls(as_json="--json" in own, is_debugging=read_environment().is_debugging)

    def failure(self, error: ModelHubError) -> int:
        """Report an error that was raised on purpose."""
        self._trace(error)
        return self.line(error.code, str(error), status=error.exit_status)

    def usage(self, error: click.ClickException) -> int:
        """Report a command line that makes no sense."""
        self._trace(error)
        context = error.ctx if isinstance(error, click.UsageError) else None
        command = context.command_path if context else "dlv"
        message = " ".join(error.format_message().split()).rstrip(".")
        if "--help" not in message and not message.endswith("?"):
            message += f"; see: {command} --help"
        return self.line("usage", message[:1].lower() + message[1:], status=error.exit_code)

    def internal(self, error: Exception) -> int:
        """Report a mistake of ours."""
        self._trace(error)
        what = " ".join(f"{type(error).__name__}: {error}".split())
        message = (
            f"internal error ({what}); please report it; run with DLV_DEBUG=1 for the traceback"
        )
        return self.line("internal", message, status=1)

    def interruption(self) -> int:
        """Report that the user stopped the command."""
        return self.line("interrupted", "interrupted", status=INTERRUPTED)

    def line(self, code: str, message: str, *, status: int) -> int:
        """Write one failure, and return its exit status.

        Further lines of the message are hints; those that are indented show the place.
        """
        if self.as_json:
            text = json.dumps({"error": {"code": code, "message": message}})
        else:
            first, *hints = message.split("\n")
            lines = [f"dlv: {visible(first)}", *map(_further, hints)]
            text = "\n".join(lines)
        click.echo(text, err=True)
        return status

    def _trace(self, error: BaseException) -> None:
        if self.is_debugging:
            traceback.print_exception(error)


def _further(line: str) -> str:
    return visible(line) if line.startswith("  ") else f"hint: {visible(line)}"


def was_interrupted(error: BaseException) -> bool:
    """Whether an error follows from Ctrl-C, as of a package that was interrupted while it loads."""
    cause: BaseException | None = error
    seen: list[BaseException] = []  # an error may be raised from one that was raised from it
    while cause is not None and cause not in seen and not isinstance(cause, KeyboardInterrupt):
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return isinstance(cause, KeyboardInterrupt)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Put a Ctrl-C off to the end of a block that loads packages.

    Some of them print a traceback of their own, and raise something else, when they are cut off.
    """
    came: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    is_ours = threading.current_thread() is threading.main_thread()
    if not is_ours or before is not signal.default_int_handler:  # nobody is to be interrupted
        yield
        return
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def storage_error(error: OSError) -> ModelHubError:
    """What the operating system refused, in the words of `durable.reported`."""
    place = Path(os.fsdecode(error.filename)) if _is_path(error.filename) else Path("the output")
    try:
        with durable.reported("use", place):
            raise error
    except StorageError as told:
        return told
    except OSError:
        return StorageError(f"cannot use {place}: {error.strerror or error}")


def _is_path(name: object) -> bool:
    return isinstance(name, str | bytes)


def flush_output() -> None:
    """Write what is still to be written, while there is somebody to tell of a failure."""
    if isinstance(sys.stdout, TextIOWrapper):  # a closed one is None
        sys.stdout.flush()


def abandon_output() -> None:
    """Send what is still to be written nowhere, so that the exit is silent."""
    if sys.stdout is sys.__stdout__ and isinstance(sys.stdout, TextIOWrapper):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
