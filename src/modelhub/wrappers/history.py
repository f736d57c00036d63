"""Keras-like histories: one list of numbers for each metric, an entry an epoch."""

from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import number_of, read_json


class History:
    """Reads `history.json` and `*_history.json`."""

    name = "history"

    def claims(self, path: Path) -> bool:
        """By the name."""
        return path.name.lower().endswith("history.json")

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every number of every list; its place in the list is the epoch, from 1 on."""
        found = read_json(path)
        if not isinstance(found, dict) or not all(isinstance(v, list) for v in found.values()):
            raise DamagedFileError(f"{path} is no object of lists")
        for name, values in found.items():
            for epoch, value in enumerate(values, start=1):
                number = number_of(value)
                if number is not None:
                    sink.metric(name, number, step=epoch)


wrapper = History()
