"""Pages as lines of text, for a terminal."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelhub.pages.bars import WIDTH as BAR
from modelhub.pages.bars import block_bar, length, longest
from modelhub.pages.blocks import (
    RIGHT,
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
from modelhub.pages.characters import cells, shortened, visible
from modelhub.pages.sketch import sketched
from modelhub.pages.wording import ID_DIGITS, spoken

GAP = "  "
_NOTHING: Sequence[object] = (None, [], {}, ())
NARROWEST = 8  # no column is shortened below this width
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


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


def as_text(page: Page, look: Look) -> Iterator[str]:
    """The lines of a page for people."""
    for position, block in enumerate(blocks_of(page)):
        if isinstance(block, Section):
            if position:
                yield ""
            yield look.bold(visible(block.title))
            yield from (f"{GAP}{line}".rstrip() for line in as_text(block.blocks, _inner(look)))
        elif isinstance(block, Table):
            yield from _table_text(block, look)
        elif isinstance(block, Diagram | Comparison):
            yield from _table_text(as_table(block), look)
        elif isinstance(block, Plot):
            yield from sketched(block, width=look.width)
        elif isinstance(block, Fields):
            yield from _fields_text(block)
        else:
            yield from map(visible, block.split("\n"))


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
    needed = _needed(columns)
    if _has_room(table, needed, look):
        columns = [
            _with_bars(texts, [row[i] for row in table.rows], most)
            if column.has_bar and most > 0
            else texts
            for i, (texts, column, most) in enumerate(
                zip(columns, table.columns, longest(table), strict=True)
            )
        ]
        needed = _needed(columns)
    widths = fitted(needed, [column.kind not in RIGHT for column in table.columns], look.width)
    laid_out = [
        _laid_out(texts, width, right=column.kind in RIGHT)
        for texts, width, column in zip(columns, widths, table.columns, strict=True)
    ]
    lines = (GAP.join(row).rstrip() for row in zip(*laid_out, strict=True))
    yield look.bold(next(lines))
    yield from lines


def _needed(columns: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len if _is_ascii(texts) else cells, texts)) for texts in columns]


def _has_room(table: Table, needed: Sequence[int], look: Look) -> bool:
    """Whether bars fit beside whole values; they are the first that a narrow terminal lacks."""
    bars = sum(each.has_bar for each in table.columns) * (BAR + 1)
    gaps = len(GAP) * (len(needed) - 1)
    return look.width is None or sum(needed) + gaps + bars <= look.width


def _with_bars(texts: Sequence[str], values: Sequence[object], most: float) -> list[str]:
    """The texts of a column, title first, with a bar to the right of each number."""
    width = max(map(cells, texts))
    bars = ["", *(block_bar(length(each, most) or 0.0) for each in values)]
    return [
        f"{_padded(text, width, right=True)} {_padded(bar, BAR)}"
        for text, bar in zip(texts, bars, strict=True)
    ]


def _spoken_column(values: Sequence[object], kind: Kind) -> list[str]:
    """`spoken` of each value; texts that are safe already are taken as they are."""
    if all(type(value) is int for value in values):
        said = {value: spoken(value, kind) for value in set(values)}
        return [said[value] for value in values]
    texts = [value for value in values if type(value) is str]
    if len(texts) == len(values) and "".join(texts).isprintable():
        return [text[:ID_DIGITS] for text in texts] if kind is Kind.ID else texts
    return [spoken(value, kind) if value not in _NOTHING else "" for value in values]


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
