"""How versions are shown by `list` and `log`."""

from collections.abc import Sequence

from modelhub.cli.tables import Column, Kind, Table
from modelhub.dlv.operations.list import ListedVersion

SHOWN_METRICS = 3


def versions_table(rows: Sequence[ListedVersion], *, is_tree: bool) -> Table:
    """A row for each version, drawn as a lineage if `is_tree`."""
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
                (_branch(row) if is_tree else "") + str(row.version),
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
        empty="there are no versions yet; make one with: dlv commit NAME FILES",
    )


def _branch(row: ListedVersion) -> str:
    if not row.depth:
        return ""
    return "   " * (row.depth - 1) + ("└─ " if row.is_branch else "   ")


def _metrics(row: ListedVersion) -> str:
    shown = list(row.metrics.items())[:SHOWN_METRICS]
    more = " …" if len(row.metrics) > SHOWN_METRICS else ""
    return " ".join(f"{name}={value:.4g}" for name, value in shown) + more
