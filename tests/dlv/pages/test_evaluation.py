"""What people see of an evaluation."""

from dataclasses import replace

from modelhub.dlv.operations.eval import EvaluatedSnapshot, Evaluation
from modelhub.dlv.pages.evaluation import evaluation_page, place_of
from modelhub.dlv.versions import VersionRef
from modelhub.evaluation import ClassResult
from modelhub.pages import Section, Table

CLASS = ClassResult(label=0, name="", examples=4, named=5, precision=0.6, recall=0.75, f1=0.66)
ROW = EvaluatedSnapshot(
    version=VersionRef(id="a" * 64, name="net", number=1),
    snapshot="final",
    step=None,
    metrics={"accuracy": 0.5},
    examples=4,
    nans=0,
    infinities=0,
    broken_examples=0,
    seconds=0.1,
    classes=[],
    confusion=[],
)
FOUND = Evaluation(
    data="x.npz",
    data_id="b" * 64,
    label="y",
    inputs={},
    rows=[ROW],
    predictions=None,
    annotated=[],
    notes=["<careful>"],
)


def test_a_row_for_each_snapshot() -> None:
    """Then the notes, and the data."""
    table, note, data = evaluation_page(FOUND)

    assert isinstance(table, Table)
    assert table.rows == [("net@1", "final", 0.5, 4)]
    assert (note, data) == ("note: <careful>", "data x.npz, BLAKE3 bbbbbbbbbbbb")
    assert place_of(ROW) == "net@1/final"


def test_classes_of_several_are_columns() -> None:
    """A class that a network does not have stays empty there."""
    one = replace(ROW, classes=[CLASS])
    other = replace(ROW, snapshot="last", classes=[CLASS, replace(CLASS, label=1)])
    section = list(evaluation_page(replace(FOUND, rows=[one, other])))[1]

    assert isinstance(section, Section)
    (table,) = section.blocks
    assert table.rows == [(0, 4, 0.66, 0.66), (1, 4, None, 0.66)]


def test_a_notebook_shows_it() -> None:
    """With every text escaped."""
    shown = FOUND._repr_html_()

    assert "&lt;careful&gt;" in shown
    assert "net@1" in shown
