"""Whether progress is shown, and when: on a terminal, after a second, on stderr."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol, cast

from modelhub.cli.render import Output
from modelhub.cli.terminal import is_terminal
from modelhub.config import read_environment
from modelhub.values import Progress

PATIENCE_S = 1.0  # nothing is shown of what takes less
REDRAW_S = 0.05


class Bar(Protocol):
    """Something that draws progress until it is closed."""

    def update(self, label: str, done: int, total: int) -> None:
        """Draw: `done` bytes of `total`, which is 0 if it is not known."""

    def close(self) -> None:
        """Take away what was drawn."""


class Meter:
    """Takes an operation's word for its progress, and draws it from the second second on."""

    def __init__(self) -> None:
        self._next = time.monotonic() + PATIENCE_S
        self._bar: Bar | None = None

    def __call__(self, label: str, done: int, total: int) -> None:
        """Note how far the operation is."""
        now = time.monotonic()
        if now < self._next and not (self._bar and done == total):
            return
        if self._bar is None:
            # The library that draws is slow to import, and most commands end before.
            self._bar = cast("Bar", import_module(f"{__package__}.bar").RichBar())
        self._next = now + REDRAW_S
        self._bar.update(label, done, total)

    def close(self) -> None:
        """Take the drawing away, if there is one."""
        if self._bar is not None:
            self._bar.close()


def is_wanted() -> bool:
    """Whether somebody wants to see progress."""
    output = Output.chosen()
    if output.as_json or output.is_quiet or read_environment().is_progress_off:
        return False
    return is_terminal(sys.stderr)


@contextmanager
def progress() -> Iterator[Progress | None]:
    """What to give an operation as its `progress`; None if nobody wants to see it."""
    if not is_wanted():
        yield None
        return
    meter = Meter()
    try:
        yield meter
    finally:
        meter.close()
