"""What a command shows to people: tables, fields and sections, as text, Markdown or CSV."""

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from modelhub.cli.terminal import cells, shortened, visible

GAP = "  "
NARROWEST = 8  # no column is shortened below this width
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_KIB = 1024


class Kind(Enum):
    """What the values of a column are, and so how people read them."""

    TEXT = "text"
    ID = "id"  # an id, whose first digits are enough for people
    COUNT = "count"  # a whole number, with separators
    SIZE = "size"  # bytes
    NUMBER = "number"  # a measured number


_RIGHT = {Kind.COUNT, Kind.SIZE, Kind.NUMBER}
ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and what its values are."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of values, one for each column; None is shown as nothing.

    Attributes:
        columns: what stands in the rows, from left to right.
        rows: the values as they are: sizes in bytes, ids at full length.
        empty: what to say to people if there are no rows.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    empty: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Facts about one thing: a label and its value each, of a kind if it is not a text."""

    values: Mapping[str, object]
    kinds: Mapping[str, Kind] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of a page."""

    title: str
    blocks: "Sequence[Block]"


Block = str | Table | Fields | Section
Page = Block | Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How text is laid out.

    Attributes:
        width: columns to fit tables into; None leaves every value whole.
        is_styled: titles are bold.
    """

    width: int | None = None
    is_styled: bool = False

    def bold(self, text: str) -> str:
        """The text in bold, if styles are wanted."""
        return f"{BOLD}{text}{PLAIN}" if self.is_styled and text else text


def human_size(size: float) -> str:
    """A number of bytes as people say it.

    >>> human_size(1_677_722)
    '1.6 MiB'
    """
    if abs(size) < _KIB:
        return f"{size:.0f} B"
    for unit in _UNITS:
        size /= _KIB
        if abs(size) < _KIB - 0.05 or unit == _UNITS[-1]:  # 1023.95 would be shown as 1024.0
            break
    return f"{size:.1f} {unit}"


def human_count(count: int) -> str:
    """A whole number with thousands separators.

    >>> human_count(431_080)
    '431,080'
    """
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """A number of things: the noun in the singular, or with an s.

    >>> counted(1, "file"), counted(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{human_count(count)} {noun}{'' if count == 1 else 's'}"


def spoken(value: object, kind: Kind = Kind.TEXT) -> str:
    """A value as people read it, safe for a terminal."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return visible(value[:ID_DIGITS] if kind is Kind.ID else value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _spoken_number(value, kind)
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(spoken(each, kind) for each in value)
    return visible(_raw(value))


def _spoken_number(value: float, kind: Kind) -> str:
    if kind is Kind.SIZE:
        return human_size(value)
    if isinstance(value, int):
        return human_count(value) if kind is Kind.COUNT else str(value)
    return f"{value:.6g}"


def _raw(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    return str(value)


def as_text(page: Page, look: Look) -> Iterator[str]:
    """The lines of a page for people."""
    for position, block in enumerate(_blocks(page)):
        if isinstance(block, Section):
            if position:
                yield ""
            yield look.bold(visible(block.title))
            yield from (f"{GAP}{line}".rstrip() for line in as_text(block.blocks, _inner(look)))
        elif isinstance(block, Table):
            yield from _table_text(block, look)
        elif isinstance(block, Fields):
            yield from _fields_text(block)
        else:
            yield from map(visible, block.split("\n"))


def _blocks(page: Page) -> Sequence[Block]:
    return [page] if isinstance(page, str | Table | Fields | Section) else page


def _inner(look: Look) -> Look:
    width = None if look.width is None else max(1, look.width - len(GAP))
    return Look(width=width, is_styled=look.is_styled)


def _fields_text(fields: Fields) -> Iterator[str]:
    kinds = fields.kinds or {}
    labels = {label: visible(label) for label in fields.values}
    width = max(map(cells, labels.values()), default=0)
    for label, value in fields.values.items():
        text = spoken(value, kinds.get(label, Kind.TEXT))
        yield f"{_padded(labels[label], width)}{GAP}{text}".rstrip()


def _padded(text: str, width: int, *, right: bool = False) -> str:
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def _table_text(table: Table, look: Look) -> Iterator[str]:
    if not table.rows:
        yield from [visible(table.empty)] if table.empty else []
        return
    columns = [
        [visible(column.title), *_spoken_column([row[i] for row in table.rows], column.kind)]
        for i, column in enumerate(table.columns)
    ]
    needed = [max(map(len if _is_ascii(texts) else cells, texts)) for texts in columns]
    widths = fitted(needed, [column.kind not in _RIGHT for column in table.columns], look.width)
    laid_out = [
        _laid_out(texts, width, right=column.kind in _RIGHT)
        for texts, width, column in zip(columns, widths, table.columns, strict=True)
    ]
    lines = (GAP.join(row).rstrip() for row in zip(*laid_out, strict=True))
    yield look.bold(next(lines))
    yield from lines


def _spoken_column(values: Sequence[object], kind: Kind) -> list[str]:
    """`spoken` of each value; a column of texts that are safe already is taken as it is."""
    texts = [value for value in values if type(value) is str]
    if len(texts) == len(values) and "".join(texts).isprintable():
        return [text[:ID_DIGITS] for text in texts] if kind is Kind.ID else texts
    return [spoken(value, kind) for value in values]


def _is_ascii(texts: Sequence[str]) -> bool:
    return all(map(str.isascii, texts))


def _laid_out(texts: Sequence[str], width: int, *, right: bool) -> list[str]:
    """The texts of a column, each exactly `width` columns of a terminal wide."""
    if not _is_ascii(texts):
        return [_padded(shortened(text, width), width, right=right) for text in texts]
    fitting = texts if max(map(len, texts)) <= width else [shortened(t, width) for t in texts]
    return [text.rjust(width) if right else text.ljust(width) for text in fitting]


def fitted(needed: Sequence[int], is_flexible: Sequence[bool], width: int | None) -> Sequence[int]:
    """Widths of columns that fit into `width`, where that can be: the widest give way first.

    Only flexible columns give way, and none below `NARROWEST`.
    """
    room = None if width is None else width - len(GAP) * (len(needed) - 1)
    if room is None or sum(needed) <= room:
        return needed

    def capped(cap: int) -> list[int]:
        pairs = zip(needed, is_flexible, strict=True)
        return [min(n, max(cap, NARROWEST)) if flexible else n for n, flexible in pairs]

    fitting = bisect_right(range(max(needed)), room, key=lambda cap: sum(capped(cap)))
    widths = capped(fitting - 1)
    spare = room - sum(widths)
    for position, cut in enumerate(widths):
        if cut < needed[position] and spare > 0:
            widths[position] += 1
            spare -= 1
    return widths


def as_markdown(page: Page, level: int = 2) -> Iterator[str]:
    """The lines of a page in Markdown; ids are at full length, numbers as people read them."""
    for block in _blocks(page):
        if isinstance(block, Section):
            yield from ["#" * level + " " + _markdown(block.title), ""]
            yield from as_markdown(block.blocks, level + 1)
        elif isinstance(block, Table):
            yield from _table_markdown(block)
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
    yield line("---:" if column.kind in _RIGHT else "---" for column in table.columns)
    for row in table.rows:
        pairs = zip(row, table.columns, strict=True)
        yield line(
            _markdown(spoken(v, Kind.TEXT if c.kind is Kind.ID else c.kind)) for v, c in pairs
        )
    yield ""


def as_csv(page: Page) -> Iterator[str]:
    """The tables of a page as CSV, with an empty line between two; values are as they are."""
    for position, table in enumerate(_tables(page)):
        if position:
            yield ""
        yield _csv_line([column.title for column in table.columns])
        for row in table.rows:
            yield _csv_line([_csv_value(value) for value in row])


def _tables(page: Page) -> Iterator[Table]:
    for block in _blocks(page):
        if isinstance(block, Table):
            yield block
        elif isinstance(block, Section):
            yield from _tables(block.blocks)
        elif isinstance(block, Fields):
            yield Table(columns=[Column("what"), Column("value")], rows=list(block.values.items()))


def _csv_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(map(_csv_value, value))
    return visible(_raw(value))


def _csv_line(row: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(row)
    return line.getvalue()
