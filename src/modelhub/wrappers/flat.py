"""Nested settings made flat: names joined by dots, lists of plain values kept."""

import reprlib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink

MAX_SETTINGS = 10_000  # tables and values
MAX_DEPTH = 32
MAX_LIST = 1_000
MAX_TEXT = 1_000
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 3


def put_flat(path: Path, found: Any, sink: SnapshotSink) -> None:
    """Put nested settings into a sink.

    Raises:
        DamagedFileError: they are too many, or nested too deep.
    """
    for key, value in _walk(path, found):
        sink.hyperparameter(key, value)


def _walk(path: Path, found: Any) -> Iterator[tuple[str, Any]]:
    """Every plain value, in order; tables may be shared, or hold themselves."""
    stack = [iter([("", found)])]
    count = 0
    while stack:
        each = next(stack[-1], None)
        if each is None:
            stack.pop()
            continue
        count += 1
        if count > MAX_SETTINGS:
            raise DamagedFileError(f"{path} has more than {MAX_SETTINGS:,} settings")
        key, value = each
        if not isinstance(value, dict):
            yield key, _plain(value)
        elif len(stack) > MAX_DEPTH:
            raise DamagedFileError(f"{path} is nested deeper than {MAX_DEPTH}")
        else:
            stack.append(_inside(key, value))


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
