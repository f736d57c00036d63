"""What people see of several versions: a table, or their lineage as a diagram."""

from collections.abc import Iterator, Sequence

from modelhub.dlv.courses import MainCourses, prominence
from modelhub.dlv.operations.list import ListedVersion
from modelhub.pages import (
    Block,
    Column,
    Curve,
    Diagram,
    Kind,
    Plot,
    Section,
    Table,
    Vertex,
    counted,
)

MOST = 300  # rows of a page: more would make it larger than 300 kB
CURVES = 8  # that can be told from each other in one plot
EMPTY = "there are no versions yet; make one with: dlv commit NAME FILES"


def emptiness(pattern: str, where: Sequence[str] = ()) -> str:
    """Why there is nothing to show of models that match a pattern."""
    if where:
        return f"no version fits: {' and '.join(where)}"
    return EMPTY if pattern == "*" else f"no model is called {pattern!r}; see all with: dlv list"


def versions_table(
    rows: Sequence[ListedVersion],
    *,
    is_tree: bool,
    courses: MainCourses | None = None,
    empty: str = EMPTY,
) -> Table:
    """A row for each version, drawn as a lineage if `is_tree`; with a small curve, if known.

    Without rows, what `empty` says.
    """
    return Table(
        columns=[
            Column("version"),
            Column("id", Kind.ID),
            Column("created"),
            Column("snapshots", Kind.COUNT),
            Column("parameters", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("metrics"),
            *_course_column(courses),
            Column("tags"),
            Column("message"),
        ],
        rows=[
            (
                (row.drawing if is_tree else "") + str(row.version),
                row.version.id,
                row.created[:16].replace("T", " "),
                row.snapshots,
                row.parameters,
                row.size,
                _metrics(row),
                *_course(row, courses),
                row.tags,
                row.message.split("\n")[0],
            )
            for row in rows
        ],
        empty=empty,
    )


def _metrics(row: ListedVersion) -> dict[str, float]:
    """The metrics, those that say most first."""
    if len(row.metrics) <= 1:
        return row.metrics
    return {name: row.metrics[name] for name in sorted(row.metrics, key=prominence)}


def versions_document(
    rows: Sequence[ListedVersion],
    courses: MainCourses | None = None,
    *,
    is_tree: bool = True,
    most: int = MOST,
) -> Iterator[Block]:
    """The page of versions for what can draw: their lineage, unless another order was asked for.

    It holds no more than `most` rows, and says how many are left out.
    """
    shown = rows[:most]
    if is_tree:
        yield lineage_diagram(shown, courses)
    else:
        yield versions_table(shown, is_tree=False, courses=courses)
    if len(rows) > most:
        left = counted(len(rows) - most, "version")
        yield f"… and {left} more; a pattern, conditions or a limit choose among them"


def history_document(
    rows: Sequence[ListedVersion], courses: MainCourses | None = None
) -> Iterator[Block]:
    """The page of a version and what it was made from, the oldest first, their curves overlaid."""
    shown = rows[:MOST]
    yield lineage_diagram(shown[::-1], courses)
    if courses is None:
        return
    known = [(str(row.version), courses.by_id.get(row.version.id)) for row in rows]
    curves = [Curve(label=label, points=points) for label, points in known if points is not None]
    if curves:
        plot = Plot(metric=courses.metric, curves=curves[:CURVES])
        yield Section(title="Metric over training", blocks=[plot])


def _course_column(courses: MainCourses | None) -> list[Column]:
    return [Column(courses.metric, Kind.COURSE)] if courses and courses.metric else []


def _course(row: ListedVersion, courses: MainCourses | None) -> list[Sequence[float] | None]:
    if not courses or not courses.metric:
        return []
    points = courses.by_id.get(row.version.id)
    return [None if points is None else [value for _, value in points]]


def lineage_diagram(rows: Sequence[ListedVersion], courses: MainCourses | None = None) -> Diagram:
    """Versions, each below what it was made from."""
    known: set[str] = set()
    vertices = []
    for row in rows:
        name = str(row.version)
        vertices.append(
            Vertex(
                name=name,
                label=" ".join([name, *row.tags]),
                values=[
                    row.created[:10],
                    row.parameters,
                    _metrics(row),
                    *_course(row, courses),
                    row.message.split("\n")[0],
                ],
                reads=[each for each in row.parents if each in known],
            )
        )
        known.add(name)
    return Diagram(
        title="version",
        columns=[
            Column("created"),
            Column("parameters", Kind.COUNT),
            Column("metrics"),
            *_course_column(courses),
            Column("message"),
        ],
        vertices=vertices,
        empty=EMPTY,
    )
