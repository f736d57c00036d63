"""How staged files are shown by `add` and `status`."""

from collections.abc import Sequence

from modelhub.dlv.staging import StagedFile
from modelhub.pages import Column, Kind, Table


def staged_table(files: Sequence[StagedFile]) -> Table:
    """A row for each staged file; what a commit would make of it."""
    return Table(
        columns=[
            Column("state"),
            Column("role"),
            Column("snapshot"),
            Column("tensors", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("path"),
            Column("note"),
        ],
        rows=[
            (f.state, f.role, f.snapshot, f.tensors or None, f.size, f.path, f.note) for f in files
        ],
        empty="nothing is staged; stage files with: dlv add FILES",
    )
