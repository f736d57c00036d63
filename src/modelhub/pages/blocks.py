"""What is shown of a value, whatever shows it: facts, tables, plots and diagrams, in sections.

A page is made once, and written as text, Markdown, CSV or HTML.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Kind(Enum):
    """What the values of a column are, and so how people read them."""

    TEXT = "text"
    ID = "id"  # an id, whose first digits are enough for people
    COUNT = "count"  # a whole number, with separators
    SIZE = "size"  # bytes
    NUMBER = "number"  # a measured number
    SHARE = "share"  # a number from 0 to 1, shown in percent
    COURSE = "course"  # numbers in the order in which they came, drawn as a small curve


RIGHT = {Kind.COUNT, Kind.SIZE, Kind.NUMBER, Kind.SHARE}


class Estimate(float):
    """A number that was measured on a part of the whole; it is shown with a ~ before it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its title, and what its values are.

    Attributes:
        title: stands above.
        kind: of the values.
        has_bar: whether a bar beside each number, which is ≥ 0, shows it among the others.
    """

    title: str
    kind: Kind = Kind.TEXT
    has_bar: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of values, one for each column; None is shown as nothing.

    A mapping is numbers by name, those that say most first: people see a few, programs all.

    Attributes:
        columns: what stands in the rows, from left to right.
        rows: the values as they are: sizes in bytes, ids at full length.
        empty: what to say to people if there are no rows.
        has_one_scale: whether the bars of all columns are measured by the same number.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    empty: str = ""
    has_one_scale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Facts about one thing: a label and its value each, of a kind if it is not a text."""

    values: Mapping[str, object]
    kinds: Mapping[str, Kind] | None = None


Points: TypeAlias = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A metric over the steps of one version.

    Attributes:
        label: whose curve it is.
        points: (step, value), in the order logged; values may be NaN or infinite.
    """

    label: str
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """The curves of one metric, overlaid."""

    metric: str
    curves: Sequence[Curve]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vertex:
    """A row of a diagram.

    Attributes:
        name: what others read it by; unique among its siblings.
        label: what is shown of it.
        values: one for each column of the diagram.
        reads: names of the siblings before it that it depends on.
        group: what it has in common with others of its colour, as a template's name.
        mark: how it differs from its counterpart: "added", "removed", "changed", or nothing.
        inner: what it consists of, once, if it is a folded block.
    """

    name: str
    label: str
    values: Sequence[object] = ()
    reads: Sequence[str] = ()
    group: str = ""
    mark: str = ""
    inner: "Sequence[Vertex]" = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """A directed acyclic graph in an order in which every vertex comes after what it reads.

    Attributes:
        title: of the column of labels.
        columns: of the values beside the labels.
        vertices: the rows.
        empty: what to say to people if there are none.
    """

    title: str
    columns: Sequence[Column]
    vertices: Sequence[Vertex]
    empty: str = ""

    def unfolded(self) -> Iterator[tuple[int, Vertex]]:
        """All vertices with how deep they are folded, in order."""
        yield from _unfolded(self.vertices, 0)


def _unfolded(vertices: Sequence[Vertex], depth: int) -> Iterator[tuple[int, Vertex]]:
    for each in vertices:
        yield depth, each
        yield from _unfolded(each.inner, depth + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A row of a comparison of two diagrams: counterparts, or what only one side has."""

    before: Vertex | None
    after: Vertex | None
    mark: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two diagrams side by side, counterparts in one row.

    The vertices of each side stand in an order in which each comes after what it reads.
    """

    titles: tuple[str, str]
    pairs: Sequence[Pair]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled part of a page; one that is folded shows people its title first."""

    title: str
    blocks: "Sequence[Block]"
    is_folded: bool = False


Block = str | Table | Fields | Section | Plot | Diagram | Comparison
Page = Block | Sequence[Block]
MARKS: Mapping[str, str] = {"added": "+", "removed": "-", "changed": "~"}


def blocks_of(page: Page) -> Sequence[Block]:
    """A page as blocks, also if it is one."""
    if isinstance(page, str | Table | Fields | Section | Plot | Diagram | Comparison):
        return [page]
    return page


def as_table(block: Diagram | Comparison) -> Table:
    """The rows of a diagram or comparison as a table, for what cannot draw."""
    return _diagram_table(block) if isinstance(block, Diagram) else _comparison_table(block)


def _diagram_table(diagram: Diagram) -> Table:
    rows = list(diagram.unfolded())
    is_marked = any(each.mark for _, each in rows)
    is_line = _reads_the_one_before(diagram.vertices)
    return Table(
        columns=[
            *([Column("")] if is_marked else []),
            Column(diagram.title),
            *diagram.columns,
            *([] if is_line else [Column("reads")]),
        ],
        rows=[
            (
                *([MARKS.get(each.mark, "")] if is_marked else []),
                "  " * depth + each.label,
                *(each.values or [None] * len(diagram.columns)),
                *([] if is_line else [list(each.reads)]),
            )
            for depth, each in rows
        ],
        empty=diagram.empty,
    )


def _reads_the_one_before(vertices: Sequence[Vertex]) -> bool:
    """Whether the vertices, at every depth, are a chain, which needs no word."""
    names = [None, *(each.name for each in vertices)]
    is_chain = all(
        list(each.reads) == ([before] if before else [])
        for before, each in zip(names, vertices, strict=False)
    )
    return is_chain and all(_reads_the_one_before(each.inner) for each in vertices if each.inner)


def _comparison_table(comparison: Comparison) -> Table:
    def label(vertex: Vertex | None) -> str | None:
        return None if vertex is None else vertex.label

    return Table(
        columns=[Column(""), *(Column(title) for title in comparison.titles), Column("change")],
        rows=[
            (MARKS.get(each.mark, ""), label(each.before), label(each.after), each.note)
            for each in comparison.pairs
        ],
    )
