"""What people see of an evaluation."""

from collections.abc import Iterator, Sequence

from modelhub.dlv.operations.eval import EvaluatedSnapshot, Evaluation
from modelhub.pages import Block, Column, Kind, Section, Table


def place_of(row: EvaluatedSnapshot) -> str:
    """The revision that names a snapshot."""
    return f"{row.version}/{row.snapshot}"


def evaluation_page(found: Evaluation) -> Iterator[Block]:
    """How versions did: a row for each snapshot, then class by class if that was asked for."""
    yield _rows(found.rows)
    if any(row.classes for row in found.rows):
        one = len(found.rows) == 1
        title = "Classes" if one else "Classes, F1 of each"
        yield Section(title=title, blocks=[_classes(found.rows[0]) if one else _f1(found.rows)])
    yield from (f"note: {note}" for note in found.notes)
    if found.predictions is not None:
        yield f"wrote {found.predictions}"
    if found.annotated:
        yield f"recorded on {', '.join(found.annotated)}"
    yield f"data {found.data}, BLAKE3 {found.data_id[:12]}"


def _rows(rows: Sequence[EvaluatedSnapshot]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row.metrics))
    return Table(
        columns=[
            Column("version"),
            Column("snapshot"),
            *(Column(name, Kind.NUMBER) for name in names),
            Column("examples", Kind.COUNT),
        ],
        rows=[
            (
                str(row.version),
                row.snapshot,
                *(row.metrics.get(name) for name in names),
                row.examples,
            )
            for row in rows
        ],
    )


def _classes(row: EvaluatedSnapshot) -> Table:
    numbers = ("precision", "recall", "f1")
    return Table(
        columns=[
            Column("class"),
            Column("examples", Kind.COUNT),
            Column("named", Kind.COUNT),
            *(Column(name, Kind.NUMBER) for name in numbers),
        ],
        rows=[
            (
                each.name or each.label,
                each.examples,
                each.named,
                each.precision,
                each.recall,
                each.f1,
            )
            for each in row.classes
        ],
    )


def _f1(rows: Sequence[EvaluatedSnapshot]) -> Table:
    """A column for each snapshot; a class that a network does not have stays empty there."""
    longest = max((row.classes for row in rows), key=len)
    return Table(
        columns=[
            Column("class"),
            Column("examples", Kind.COUNT),
            *(Column(place_of(row), Kind.NUMBER) for row in rows),
        ],
        rows=[
            (
                each.name or each.label,
                each.examples,
                *(row.classes[i].f1 if i < len(row.classes) else None for row in rows),
            )
            for i, each in enumerate(longest)
        ],
    )
