"""Histories by epoch: a list of numbers for each metric, as Keras has them, or a list of rows."""

from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import number_of, read_json, step_of


class History:
    """Reads `history.json` and `*_history.json`."""

    name = "history"

    def claims(self, path: Path) -> bool:
        """By the name."""
        return path.name.lower().endswith("history.json")

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every number of every list, or of every row of a list.

        A row that does not say its step has its place in the list for it, as numbers in a list
        have: from 1 on.
        """
        found = read_json(path)
        if isinstance(found, dict) and any(isinstance(each, list) for each in found.values()):
            _put_columns(found, sink)
        elif isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
            _put_rows(found, sink)
        else:
            raise DamagedFileError(f"{path} is neither an object of lists nor a list of objects")


def _put_columns(columns: dict[str, Any], sink: SnapshotSink) -> None:
    for name, values in columns.items():
        for epoch, value in enumerate(values if isinstance(values, list) else (), start=1):
            number = number_of(value)
            if number is not None:
                sink.metric(name, number, step=epoch)


def _put_rows(rows: list[dict[str, Any]], sink: SnapshotSink) -> None:
    for place, row in enumerate(rows, start=1):
        name, step = step_of(row) or (None, float(place))
        for key, value in row.items():
            number = None if isinstance(value, str) else number_of(value)
            if number is not None and key != name:
                sink.metric(key, number, step=step)


wrapper = History()
