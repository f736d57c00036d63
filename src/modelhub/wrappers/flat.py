"""Nested settings made flat: names joined by dots, lists of plain values kept."""

import reprlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink

MAX_SETTINGS = 10_000
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
    for count, (key, value) in enumerate(_walk(path, found), start=1):
        if count > MAX_SETTINGS:
            raise DamagedFileError(f"{path} has more than {MAX_SETTINGS:,} settings")
        sink.hyperparameter(key, value)


def _walk(path: Path, found: Any) -> Iterator[tuple[str, Any]]:
    """Every plain value, in order, without recursion."""
    stack = [("", found, 0)]
    while stack:
        key, value, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise DamagedFileError(f"{path} is nested deeper than {MAX_DEPTH}")
        if isinstance(value, dict):
            inner = [(f"{key}.{name}" if key else str(name), each) for name, each in value.items()]
            stack += [(name[:MAX_TEXT], each, depth + 1) for name, each in reversed(inner)]
        elif key:
            yield key, _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_scalar(each) for each in value[:MAX_LIST]]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """JSON's scalars as they are; anything else as text that does not grow by aliases."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < 1 << 63 else str(value)[:MAX_TEXT]
    text = value if isinstance(value, str) else _SHORT.repr(value)
    return text[:MAX_TEXT]
