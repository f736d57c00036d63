"""Tables as data: CSV and TSV, a column of labels and numbers beside it."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from modelhub.errors import DamagedFileError, InputError, NotFoundError
from modelhub.evaluation.data import (
    LABELS,
    Array,
    Batch,
    DataOptions,
    DataSource,
    Field,
    WantedInput,
    file_content,
)

MAX_LINE = 16 << 20
MAX_CLASSES = 100_000
FIELD = "features"  # what the columns of numbers are called together
_WHOLE = 1 << 62


class Tables:
    """Opens `.csv` and `.tsv` files, with a line of names or without."""

    def open(
        self,
        path: Path,
        wanted: Sequence[WantedInput],  # noqa: ARG002 - the protocol's signature
        options: DataOptions,
    ) -> DataSource:
        """The columns of numbers as one field, and the labels; the file is read once for these."""
        rows = _Rows.of(path)
        label = _label(rows.names, options.label, path)
        if len(rows.names) == (label is not None):
            raise InputError(f"{path} has no columns of numbers")
        return TableSource(rows, label, _Labels.of(rows, label))


class TableSource:
    """The rows of a table."""

    def __init__(self, rows: "_Rows", label: int | None, labels: "_Labels") -> None:
        self._rows = rows
        self._label = label
        self._labels = labels
        self._content = ""
        width = len(rows.names) - (label is not None)
        known: dict[str, Field] = {}
        known[FIELD] = Field(dtype=None, shape=(width,), count=labels.count, is_flat=True)
        if label is not None:
            known[rows.names[label]] = Field(dtype=labels.dtype, shape=(), count=labels.count)
        self.fields: Mapping[str, Field] = known
        self.classes: Sequence[str] = labels.classes

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """Rows in order."""
        rows = iter(self._rows)
        while chunk := list(islice(rows, size)):
            yield {name: self._array(chunk, name) for name in fields}

    def content(self) -> str:
        """The hash of the file."""
        self._content = self._content or file_content(self._rows.path)
        return self._content

    def _array(self, chunk: list[tuple[int, list[str]]], name: str) -> Array:
        if name != FIELD:
            assert self._label is not None
            return self._labels.array([row[self._label] for _, row in chunk])
        return np.array([self._numbers(line, row) for line, row in chunk], np.float64)

    def _numbers(self, line: int, row: list[str]) -> list[float]:
        found = []
        for position, cell in enumerate(row):
            if position == self._label:
                continue
            try:
                found.append(float(cell))
            except ValueError:
                raise DamagedFileError(
                    f"{self._rows.path}: line {line}: {cell[:40]!r} in the column "
                    f"{self._rows.names[position]!r} is no number"
                ) from None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The lines of a table behind its names; each pass opens the file anew."""

    path: Path
    names: list[str]
    has_names: bool

    @classmethod
    def of(cls, path: Path) -> "_Rows":
        first = next(_cells(path), None)
        if first is None:
            raise InputError(f"{path} is empty; there is nothing to evaluate on")
        cells = [cell.strip() for cell in first[1]]
        if all(map(_is_number, cells)):  # then these are not names
            return cls(path=path, names=[str(i) for i in range(len(cells))], has_names=False)
        if len(set(cells)) < len(cells):
            raise DamagedFileError(f"{path}: a column's name stands twice in the first line")
        return cls(path=path, names=cells, has_names=True)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        rows = _cells(self.path)
        if self.has_names:
            next(rows, None)
        for line, row in rows:
            if len(row) != len(self.names):
                raise DamagedFileError(
                    f"{self.path}: line {line} has {len(row)} cells, "
                    f"the first one has {len(self.names)}"
                )
            yield line, row


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The number and the cells of each line that is not blank."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(
                iter(lambda: _bounded(file.readline(MAX_LINE)), ""),
                delimiter=delimiter,
                strict=True,
            )
            for row in rows:
                if row:
                    yield rows.line_num, row
    except (csv.Error, UnicodeDecodeError) as error:
        raise DamagedFileError(f"{path} is no table of text ({error})") from error


def _bounded(line: str) -> str:
    if len(line) == MAX_LINE:
        raise csv.Error("a line is too long")
    return line


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _label(names: Sequence[str], asked: str | None, path: Path) -> int | None:
    if asked is not None:
        if asked not in names:
            known = ", ".join(names[:20])
            raise NotFoundError(f"{path} has no column {asked!r}; there are: {known}")
        return names.index(asked)
    return next((names.index(name) for name in LABELS if name in names), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labels:
    """What the column of labels holds: whole numbers, decimals, or names of classes."""

    count: int
    dtype: str = "int64"
    classes: Sequence[str] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: _Rows, label: int | None) -> "_Labels":
        """Look at every row once."""
        count, seen, is_whole, is_decimal = 0, set[str](), True, True
        for _, row in rows:
            count += 1
            if label is None:
                continue
            cell = row[label].strip()
            is_decimal = is_decimal and _is_number(cell)
            is_whole = is_whole and _is_whole(cell)
            if not is_decimal or len(seen) < MAX_CLASSES:
                seen.add(cell)
            if not is_decimal and len(seen) > MAX_CLASSES:
                raise InputError(f"{rows.path} has more than {MAX_CLASSES:,} classes")
        if label is None or is_whole or not count:
            return cls(count=count)
        if is_decimal:
            return cls(count=count, dtype="float64")
        names = sorted(seen)
        return cls(count=count, classes=names, numbers={name: i for i, name in enumerate(names)})

    def array(self, cells: list[str]) -> Array:
        """Labels as numbers."""
        plain = [cell.strip() for cell in cells]
        if self.classes:
            return np.array([self.numbers[cell] for cell in plain], np.int64)
        if self.dtype == "float64":
            return np.array(list(map(float, plain)), np.float64)
        return np.array(list(map(int, plain)), np.int64)


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-").removeprefix("+")
    return digits.isascii() and digits.isdigit() and abs(int(digits[:20])) < _WHOLE


tables = Tables()
