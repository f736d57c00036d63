"""What a query gives: rows, and what is to be said of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import Any

from modelhub.dlv.versions import VersionRef
from modelhub.dql.constructs import Construction
from modelhub.dql.slices import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryStep:
    """A step of the execution, and how many rows were left after it."""

    step: str
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The rows of a query.

    Attributes:
        columns: their titles.
        rows: one value for each column: a version, number, text, truth value, list or None.
        notes: why there are no rows, and what would give some.
        plan: how they were found.
        slices: what a `slice` cut out, one for each row.
        constructions: what a `construct` made, one for each row.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    plan: Sequence[QueryStep] = ()
    slices: Sequence[Slice] = ()
    constructions: Sequence[Construction] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """Each row as a mapping by column."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    @property
    def versions(self) -> list[VersionRef]:
        """The versions in the first column, in order."""
        return [row[0] for row in self.rows if row and isinstance(row[0], VersionRef)]

    def to_pandas(self) -> Any:
        """The rows as a pandas DataFrame; versions as `name@number`.

        Raises:
            ModuleNotFoundError: pandas is not installed.
        """
        rows = [[_plain(value) for value in row] for row in self.rows]
        return import_module("pandas").DataFrame(rows, columns=list(self.columns))

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(each)}</th>" for each in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(str(_plain(v)))}</td>" for v in row) + "</tr>"
            for row in self.rows
        )
        notes = "".join(f"<p>{escape(each)}</p>" for each in self.notes)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{notes}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, VersionRef) else value
