"""Pages as Markdown."""

from collections.abc import Iterable, Iterator

from modelhub.pages.blocks import (
    RIGHT,
    Column,
    Comparison,
    Diagram,
    Fields,
    Kind,
    Page,
    Plot,
    Section,
    Table,
    as_table,
    blocks_of,
)
from modelhub.pages.characters import visible
from modelhub.pages.curves import courses
from modelhub.pages.wording import spoken


def as_markdown(page: Page, level: int = 2) -> Iterator[str]:
    """The lines of a page in Markdown; ids are at full length, numbers as people read them."""
    for block in blocks_of(page):
        if isinstance(block, Section):
            yield from ["#" * level + " " + _markdown(block.title), ""]
            yield from as_markdown(block.blocks, level + 1)
        elif isinstance(block, Table):
            yield from _table_markdown(block)
        elif isinstance(block, Diagram | Comparison):
            yield from _table_markdown(as_table(block))
        elif isinstance(block, Plot):
            yield from _table_markdown(courses(block))
        elif isinstance(block, Fields):
            rows = list(block.values.items())
            yield from _table_markdown(Table(columns=[Column("what"), Column("value")], rows=rows))
        else:
            yield from [*map(_markdown, block.split("\n")), ""]


def _markdown(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _table_markdown(table: Table) -> Iterator[str]:
    def line(row: Iterable[str]) -> str:
        return "| " + " | ".join(row) + " |"

    yield line(_markdown(column.title) for column in table.columns)
    yield line("---:" if column.kind in RIGHT else "---" for column in table.columns)
    for row in table.rows:
        pairs = zip(row, table.columns, strict=True)
        yield line(
            _markdown(spoken(v, Kind.TEXT if c.kind is Kind.ID else c.kind)) for v, c in pairs
        )
    yield ""
