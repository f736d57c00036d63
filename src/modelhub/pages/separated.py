"""The tables of pages as comma-separated values."""

import csv
import io
from collections.abc import Iterator, Sequence

from modelhub.pages.blocks import (
    Column,
    Comparison,
    Diagram,
    Fields,
    Page,
    Plot,
    Section,
    Table,
    as_table,
    blocks_of,
)
from modelhub.pages.characters import visible
from modelhub.pages.curves import points
from modelhub.pages.wording import raw


def as_csv(page: Page) -> Iterator[str]:
    """The tables of a page as CSV, with an empty line between two; values are as they are."""
    for position, table in enumerate(_tables(page)):
        if position:
            yield ""
        yield _csv_line([column.title for column in table.columns])
        for row in table.rows:
            yield _csv_line([_csv_value(value) for value in row])


def _tables(page: Page) -> Iterator[Table]:
    for block in blocks_of(page):
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Section):
            yield from _tables(block.blocks)
        elif isinstance(block, Diagram | Comparison):
            yield as_table(block)
        elif isinstance(block, Plot):
            yield points(block)
        elif isinstance(block, Fields):
            yield Table(columns=[Column("what"), Column("value")], rows=list(block.values.items()))


def _csv_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(map(_csv_value, value))
    return visible(raw(value))


def _csv_line(row: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()
