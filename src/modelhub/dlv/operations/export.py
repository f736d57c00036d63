"""dlv checkout --as: the tensors of a snapshot, written in another format."""

from collections.abc import Iterable
from pathlib import Path

from modelhub import durable
from modelhub.dlv.catalog.versions import snapshot_rows, tensors_of, version_row
from modelhub.dlv.naming import resolve_all
from modelhub.dlv.operations.checkout import CheckedOut
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import ConflictError, NotFoundError
from modelhub.recipes import OutgoingTensor, write_npz, write_safetensors, write_torch

FORMATS = ("safetensors", "pt", "npz")
_WRITERS = {"safetensors": write_safetensors, "pt": write_torch, "npz": write_npz}


def export(
    repository: ReadableRepository,
    revision: str,
    *,
    form: str,
    to: Path | None = None,
    snapshot: str | None = None,
    force: bool = False,
) -> CheckedOut:
    """Write the tensors of one snapshot as one file, `NAME-SNAPSHOT.FORM`.

    Args:
        repository: where from.
        revision: what; its last snapshot if it names none, only some tensors after `::`.
        form: one of `FORMATS`.
        to: the folder; the one that is current if None.
        snapshot: the snapshot, if the revision does not name it.
        force: overwrite a file that is there.

    Raises:
        ConflictError: the file is there, and `force` is not set.
        NotFoundError: the version has no tensors.
        InputError: the format cannot hold a tensor.
    """
    found = resolve_all(repository, revision, snapshot=snapshot)
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    chosen = found.snapshot(snapshot_rows(repository.catalog, row.key))
    if chosen is None:
        raise NotFoundError(f"{found.ref} has no tensors to write as {form}")
    folder = (to or Path()).absolute()
    place = folder / f"{found.ref.name.replace('/', '-')}-{chosen.name.replace('/', '-')}.{form}"
    if place.exists() and not force:
        raise ConflictError(f"{place} is there already; overwrite it with --force")
    tensors = [
        _outgoing(repository, each)
        for each in found.choose(tensors_of(repository.catalog, chosen.key))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    with durable.open_output(place) as file, durable.reported("write", place):
        _WRITERS[form](file, tensors)
    return CheckedOut(
        version=found.ref,
        folder=folder,
        written=[place.name],
        unchanged=[],
        size=place.stat().st_size,
    )


def _outgoing(repository: ReadableRepository, found: SnapshotTensor) -> OutgoingTensor:
    return OutgoingTensor(
        name=found.name,
        dtype=found.info.dtype,
        shape=found.shape,
        parts=_Parts(repository, found),
    )


class _Parts:
    """The bytes of a tensor, decoded a group at a time; a view is made in memory."""

    def __init__(self, repository: ReadableRepository, found: SnapshotTensor) -> None:
        self.repository = repository
        self.found = found

    def __call__(self) -> Iterable[bytes | memoryview]:
        if self.found.view is None:
            return self.repository.reader.stream(self.found.info.id)
        return [Tensor(self.repository, self.found).numpy().tobytes()]
