"""What people see of several versions."""

from modelhub.dlv.courses import MainCourses
from modelhub.dlv.operations.list import ListedVersion
from modelhub.dlv.pages.versions import (
    CURVES,
    history_document,
    lineage_diagram,
    versions_document,
    versions_table,
)
from modelhub.dlv.versions import VersionRef
from modelhub.pages import Diagram, Kind, Look, Section, Table, as_text


def listed(number: int, parents: list[str] | None = None, **metrics: float) -> ListedVersion:
    return ListedVersion(
        version=VersionRef(id=f"{number:064}", name="net", number=number),
        depth=0,
        is_branch=False,
        drawing="",
        parents=parents or [],
        created="2026-01-02T03:04:05",
        message="made\nlong story",
        snapshots=1,
        parameters=7,
        size=8,
        metrics=metrics,
        tags=["good"],
    )


ROWS = [listed(1), listed(2, ["net@1"])]
COURSES = MainCourses(metric="loss", by_id={ROWS[1].version.id: [(0, 2.0), (5, 1.0)]})


def text(table: Table) -> str:
    return "\n".join(as_text(table, Look()))


def test_results_come_before_the_course_of_training() -> None:
    """Test metrics first, the learning rate last, and no more than fit."""
    row = listed(1, lr=1, loss=2, val_loss=3, test_f1=4)

    assert "test_f1=4 val_loss=3 loss=2 …" in text(versions_table([row], is_tree=False))


def test_curves_are_a_column_where_they_are_known() -> None:
    """Called like the metric; a version without a log has none."""
    table = versions_table(ROWS, is_tree=True, courses=COURSES)
    place = [each.kind for each in table.columns].index(Kind.COURSE)

    assert table.columns[place].title == "loss"
    assert [row[place] for row in table.rows] == [None, [2.0, 1.0]]
    nothing = MainCourses(metric="", by_id={})
    assert len(versions_table(ROWS, is_tree=True, courses=nothing).columns) == 9


def test_the_lineage_is_drawn() -> None:
    """A child reads its parent, if that is shown; the first line of a message is enough."""
    vertices = lineage_diagram(ROWS, COURSES).vertices

    assert [list(each.reads) for each in vertices] == [[], ["net@1"]]
    assert vertices[1].values[-2:] == [[2.0, 1.0], "made"]


def test_a_page_has_an_end() -> None:
    """Further versions are counted."""
    diagram, more = versions_document([*ROWS, listed(3)], most=2)

    assert isinstance(diagram, Diagram)
    assert len(diagram.vertices) == 2
    assert str(more).startswith("… and 1 version more")
    assert isinstance(next(versions_document(ROWS, is_tree=False)), Table)


def test_a_history_has_its_curves_overlaid() -> None:
    """The oldest version stands above; no more curves than can be told from each other."""
    rows = [listed(number) for number in range(20, 0, -1)]
    courses = MainCourses(
        metric="loss", by_id={row.version.id: [(0, 1.0), (1, 2.0)] for row in rows[1:]}
    )
    diagram, section = history_document(rows, courses)

    assert isinstance(diagram, Diagram)
    assert diagram.vertices[0].name == "net@1"
    assert isinstance(section, Section)
    (plot,) = section.blocks
    assert [each.label for each in plot.curves][:2] == ["net@19", "net@18"]
    assert len(plot.curves) == CURVES
    assert len(list(history_document(rows, MainCourses(metric="", by_id={})))) == 1
