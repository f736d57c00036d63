"""JSON lines: one object of metrics a line, as many training scripts write them."""

import json
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import head_of, lines, number_of, step_of


class JsonLines:
    """Reads `.jsonl` and `.ndjson` files whose first object has a step and a number."""

    name = "jsonl"

    def claims(self, path: Path) -> bool:
        """By the name, and by what the first line says."""
        if path.suffix.lower() not in (".jsonl", ".ndjson"):
            return False
        first = _object(head_of(path).split(b"\n", 1)[0].decode("utf-8", "replace"))
        return first is not None and step_of(first) is not None and len(first) > 1

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every number of every line, at the line's step; a last line may be half written."""
        for number, line, is_ended in lines(path):
            if not line.strip():
                continue
            found = _object(line)
            if found is None and not is_ended:
                return
            if found is None:
                raise DamagedFileError(f"{path}: line {number} is no JSON object")
            _put(found, sink)


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _put(row: dict[str, Any], sink: SnapshotSink) -> None:
    at = step_of(row)
    for key, value in row.items():
        number = None if isinstance(value, str) else number_of(value)
        if number is not None and (at is None or key != at[0]):
            sink.metric(key, number, step=None if at is None else at[1])


wrapper = JsonLines()
