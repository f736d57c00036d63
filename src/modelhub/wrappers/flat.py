"""Nested settings made flat: names joined by dots, lists of plain values kept."""

import reprlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from modelhub.wrappers.base import SnapshotSink

MAX_SETTINGS = 10_000  # tables and values
MAX_DEPTH = 32
MAX_LIST = 1_000
MAX_TEXT = 1_000
MAX_NAMED, MAX_SHOWN = 3, 60  # names in a note, and their characters
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 3


def put_flat(path: Path, found: Any, sink: SnapshotSink) -> None:
    """Put nested settings into a sink; of what are too many, or nested too deep, only a note."""
    walk = _Walk()
    for key, value in walk.run(found):
        sink.hyperparameter(key, value)
    if walk.left_out:
        names = ", ".join(map(ascii, walk.left_out[:MAX_NAMED]))
        more = ", ..." if len(walk.left_out) > MAX_NAMED else ""
        sink.note(
            f"{path} has more than {MAX_SETTINGS:,} settings, or nests them deeper than "
            f"{MAX_DEPTH}; not read as settings: {names}{more}"
        )


class _Walk:
    """Goes through nested settings, in order, as far as the limits allow.

    Attributes:
        left: how many tables and values may still come.
        left_out: the first names of what was passed over.
    """

    def __init__(self) -> None:
        self.left = MAX_SETTINGS
        self.left_out: list[str] = []

    def run(self, found: Any) -> Iterator[tuple[str, Any]]:
        """Every plain value; tables may be shared, or hold themselves.

        A table that has more entries than may still come, such as the names of all classes, is
        passed over; what stands behind it is not.
        """
        stack = [iter([("", found)])]
        while stack:
            each = next(stack[-1], None)
            if each is None:
                stack.pop()
                continue
            key, value = each
            self.left -= 1
            if self.left < 0:
                self._leave_out(f"{key} and what follows")
                return
            if not isinstance(value, dict):
                yield key, _plain(value)
            elif len(stack) == 1 or (len(stack) <= MAX_DEPTH and len(value) <= self.left):
                stack.append(_inside(key, value))
            else:
                self._leave_out(key)

    def _leave_out(self, key: str) -> None:
        if len(self.left_out) <= MAX_NAMED:
            self.left_out.append(key if len(key) <= MAX_SHOWN else f"{key[:MAX_SHOWN]}...")


def _inside(key: str, table: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    prefix = f"{key}." if key else ""
    return ((f"{prefix}{_text(name)}"[:MAX_TEXT], each) for name, each in table.items())


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_scalar(each) for each in value[:MAX_LIST]]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """JSON's scalars as they are; anything else as text that does not grow by aliases."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int) and abs(value) < 1 << 63:
        return value
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:MAX_TEXT]
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)[:MAX_TEXT] if abs(value) >> 63 else str(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    try:
        return _SHORT.repr(value)[:MAX_TEXT]
    except ValueError:
        return "..."  # a number of too many digits, inside
