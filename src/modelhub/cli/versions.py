"""How versions are shown by `list` and `log`."""

from collections.abc import Sequence

from modelhub.dlv.operations.list import ListedVersion
from modelhub.pages import Column, Diagram, Kind, Table, Vertex

SHOWN_METRICS = 3
EMPTY = "there are no versions yet; make one with: dlv commit NAME FILES"
COURSE = {"lr", "learning_rate", "epoch", "grad_norm"}  # how it was trained, no result


def versions_table(rows: Sequence[ListedVersion], *, is_tree: bool, empty: str = EMPTY) -> Table:
    """A row for each version, drawn as a lineage if `is_tree`; else, what `empty` says."""
    return Table(
        columns=[
            Column("version"),
            Column("id", Kind.ID),
            Column("created"),
            Column("snapshots", Kind.COUNT),
            Column("parameters", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("metrics"),
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
                row.tags,
                row.message.split("\n")[0],
            )
            for row in rows
        ],
        empty=empty,
    )


def _metrics(row: ListedVersion) -> str:
    """The metrics that say most, as many as fit."""
    names = sorted(row.metrics, key=_weight)
    more = " …" if len(names) > SHOWN_METRICS else ""
    shown = names[:SHOWN_METRICS]
    return " ".join(f"{name}={row.metrics[name]:.4g}" for name in shown) + more


def _weight(name: str) -> tuple[bool, bool, bool]:
    """Results on test data before those on validation data, both before the rest."""
    lower = name.lower()
    return (
        lower in COURSE,
        not lower.startswith("test"),
        not lower.startswith(("val", "eval")),
    )


def lineage_diagram(rows: Sequence[ListedVersion]) -> Diagram:
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
            Column("message"),
        ],
        vertices=vertices,
        empty=EMPTY,
    )
