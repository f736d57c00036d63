"""Text files, read within limits: a settings file whole, a log line by line."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError

MAX_SETTINGS = 16 << 20  # bytes of a file that is read whole
MAX_LINE = 1 << 20
HEAD = 4096


def head_of(path: Path) -> bytes:
    """The first bytes of a file; nothing if it is none, or cannot be read; never waits."""
    if not path.is_file():  # such as a pipe that nobody writes to
        return b""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def read_text(path: Path, *, limit: int = MAX_SETTINGS) -> str:
    """A small file as text.

    Raises:
        DamagedFileError: it is too long for settings, or no UTF-8.
    """
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise DamagedFileError(f"{path} has more than {limit:,} bytes; no settings file has")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{path} is not UTF-8 at byte {error.start}") from None


def read_json(path: Path) -> Any:
    """A small JSON file.

    Raises:
        DamagedFileError: it is not valid JSON.
    """
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path} is not valid JSON: {error}") from None


def lines(path: Path) -> Iterator[tuple[int, str, bool]]:
    """The lines of a log: number, text, and whether the line is ended.

    Raises:
        DamagedFileError: a line is endless.
    """
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE + 1):
            number += 1
            if len(raw) > MAX_LINE:
                raise DamagedFileError(f"{path}: line {number} is longer than {MAX_LINE:,} bytes")
            yield number, raw.decode("utf-8", "replace").rstrip("\r\n"), raw.endswith(b"\n")


def number_of(value: object) -> float | None:
    """The number that a value is, or that a text says; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def step_of(row: dict[str, Any]) -> tuple[str, float] | None:
    """The column of a row that counts the training, and its value."""
    for name in ("step", "global_step", "iteration", "iter", "epoch"):
        for key, value in row.items():
            found = number_of(value) if key.strip().lower() == name else None
            if found is not None and math.isfinite(found):
                return key, found
    return None
