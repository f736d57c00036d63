"""CSV logs, as Lightning's and Keras's loggers write them: a header, a row a step."""

import csv
from collections.abc import Iterator
from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import head_of, lines, number_of, step_of


class CsvLog:
    """Reads `.csv` and `.tsv` files with a column for the step and numbers beside it."""

    name = "csv"

    def claims(self, path: Path) -> bool:
        """By the name, the header, and the first row."""
        if path.suffix.lower() not in (".csv", ".tsv"):
            return False
        text = head_of(path).decode("utf-8-sig", "replace").splitlines()
        try:
            header, *rows = list(csv.reader(text[:4], delimiter=_delimiter(path)))
        except (ValueError, csv.Error):
            return False
        names = dict.fromkeys(header, "0")
        return step_of(names) is not None and len(names) > 1 and all(map(_is_numeric, rows[:1]))

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every number of every row, at the row's step; empty cells are passed over."""
        text = _Text(path)
        rows = csv.reader(iter(text), delimiter=_delimiter(path), strict=True)
        try:
            header = [name.lstrip("\ufeff").strip() for name in next(rows, [])]
            for row in rows:
                _put(path, dict(zip(header, row, strict=False)), sink)
        except csv.Error as error:
            if text.is_cut:
                return  # in the midst of a quoted cell
            raise DamagedFileError(f"{path}: line {rows.line_num} is no CSV ({error})") from None


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _is_numeric(row: list[str]) -> bool:
    return any(number_of(cell) is not None for cell in row)


class _Text:
    """The lines of a file; a last one that is half written is left out, and noted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_cut = False

    def __iter__(self) -> Iterator[str]:
        for _, line, is_ended in lines(self.path):
            if not is_ended:
                self.is_cut = True
                return
            yield line.replace("\0", "") + "\n"


def _put(path: Path, row: dict[str, str], sink: SnapshotSink) -> None:
    if not any(cell.strip() for cell in row.values()):
        return
    at = step_of(row)
    if at is None:
        raise DamagedFileError(f"{path}: a row has no step: {','.join(row.values())[:80]!r}")
    for name, cell in row.items():
        number = number_of(cell)
        if number is not None and name != at[0]:
            sink.metric(name, number, step=at[1])


wrapper = CsvLog()
