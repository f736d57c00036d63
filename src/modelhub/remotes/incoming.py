"""A version on its way into a repository: downloaded, checked, planned (sync.md §6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import recipe_of
from modelhub.dlv.files import stored_part, verified
from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas import (
    ArchiveReader,
    DirectoryStore,
    PackSource,
    StorageIndex,
    StoredBlob,
    StoredTensor,
    Transfer,
    audit_tensor,
    check_pack,
    plan_transfer,
)
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import Parcel
from modelhub.remotes.needs import Needs, needs_of
from modelhub.remotes.remote import Remote, read_object
from modelhub.values import BlobId, PackId, Progress, TensorId

_OF_OTHERS = {".dlv", ".git"}  # folders whose files make programs do things


@dataclass(frozen=True, slots=True, kw_only=True)
class _Both:
    """A repository's index, and a remote's for what is taken from there."""

    near: StorageIndex
    far: StorageIndex
    far_tensors: frozenset[TensorId]
    far_blobs: frozenset[BlobId]

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - the protocol's name
        return (self.far if id in self.far_tensors else self.near).find_tensor(id)

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - the protocol's name
        return (self.far if id in self.far_blobs else self.near).find_blob(id)

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - the protocol's name
        return (self.far if id in self.far_blobs else self.near).blob_depth(id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What of a version has to come, and where to read it.

    Attributes:
        needs: what the version consists of.
        plan: what the repository lacks, and how it gets there.
        index: of both archives.
        reader: of both archives.
        store: the packs of the repository, and those that were downloaded.
        received: bytes that travelled.
    """

    needs: Needs
    plan: Transfer
    index: _Both
    reader: ArchiveReader
    store: PackSource
    received: int


def download(
    repository: BaseRepository, remote: Remote, name: str, parcel: Parcel, progress: Progress | None
) -> Incoming:
    """Bring the packs that a repository needs for a version into its `transit/`.

    Raises:
        NotFoundError: something is missing on the remote.
        IntegrityError: the remote has other bytes than it must.
    """
    contents = Contents(remote)
    contents.add(parcel)
    with ArchiveReader(remote, contents, threads=1) as far:
        needs = needs_of(parcel.version, far, contents.recipe_of)
    check_description(needs, name, contents)
    lacking = [id_ for id_ in needs.tensors if repository.index.find_tensor(id_) is None]
    tensors = contents.bases_of(lacking)
    plan = plan_transfer(contents, repository.index, tensors, list(needs.blobs))
    plan = replace(plan, blobs=[_as_needed(each, needs) for each in plan.blobs])
    index = _index(repository.index, contents, plan)
    packs = contents.packs_holding(index.far_tensors, index.far_blobs)
    transit = DirectoryStore(repository.layout.transit, repository.scratch)
    received = _receive(remote, transit, packs, progress)
    store = _Stores(near=repository.store, transit=transit, packs=packs)
    return Incoming(
        needs=needs,
        plan=plan,
        index=index,
        reader=ArchiveReader(store, index, threads=repository.threads),
        store=store,
        received=received,
    )


def check_description(needs: Needs, name: str, contents: Contents) -> None:
    """Whether a manifest, which says what it likes, agrees with what there is."""
    manifest = needs.manifest
    if manifest.name != name:
        raise IntegrityError(f"version {needs.version[:12]} is of {manifest.name}, not of {name}")
    for file in manifest.content.files:
        if not _OF_OTHERS.isdisjoint(part.casefold() for part in file.path.split("/")):
            raise IntegrityError(
                f"{name} has a file {file.path!r}: what lies there is the business of a program, "
                "and no version of a remote may bring it"
            )
    for snapshot in manifest.content.snapshots:
        for each in snapshot.tensors:
            stored = contents.find_tensor(each.info.id)
            if stored is None:
                raise NotFoundError(f"tensor {each.name!r} of {name} is missing on the remote")
            if stored.info != each.info:
                raise IntegrityError(f"tensor {each.name!r} of {name} is not as its manifest says")


def _as_needed(stored: StoredBlob, needs: Needs) -> StoredBlob:
    """A blob with the role that it has for the version, whatever the remote calls it."""
    recipe = needs.recipes.get(stored.id)
    file = None if recipe is None else recipe.file
    return replace(stored, role=needs.blobs[stored.id], file=file)


def _index(near: StorageIndex, far: Contents, plan: Transfer) -> _Both:
    """What is encoded anew is read with the bases that it has there, all else with those here."""
    tensors = {*(each.info.id for each in plan.tensors), *far.bases_of(plan.tensors_anew)}
    small = [found.block[0] for id_ in tensors if (found := far.find_tensor(id_)) and found.block]
    blobs = {*(each.id for each in plan.blobs), *far.frames_of([*plan.blobs_anew, *small])}
    return _Both(near=near, far=far, far_tensors=frozenset(tensors), far_blobs=frozenset(blobs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stores:
    """Packs that were downloaded, and those of the repository."""

    near: DirectoryStore
    transit: DirectoryStore
    packs: Mapping[PackId, int]

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        return (self.transit if pack in self.packs else self.near).read(pack, offset, size)

    def size(self, pack: PackId) -> int:
        return (self.transit if pack in self.packs else self.near).size(pack)


def _receive(
    remote: Remote,
    transit: DirectoryStore,
    packs: Mapping[PackId, int],
    progress: Progress | None,
) -> int:
    """Download the packs that are not there yet; how many bytes that were."""
    done = received = 0
    total = sum(packs.values())
    for id_, size in packs.items():
        if not _is_there(transit, id_):
            transit.put([read_object(remote, id_, most=size)])
            received += size
        done += size
        if progress is not None:
            progress("receiving", done, total)
    return received


def _is_there(transit: DirectoryStore, id_: PackId) -> bool:
    """Whether a pack was downloaded before, and is still sound."""
    try:
        check_pack(transit, id_)
    except (NotFoundError, IntegrityError):
        return False
    return True


def check(incoming: Incoming, repository: BaseRepository, progress: Progress | None) -> None:
    """Decode all that is new, and compare it with what it must be.

    Raises:
        IntegrityError: something is not; nothing of it has been taken.

    Cost: each new tensor is decoded once, and once more for each new file that it is in.
    """
    needs, plan = incoming.needs, incoming.plan
    new = [*(each.info.id for each in plan.tensors), *plan.tensors_anew]
    files = [
        recipe
        for recipe in needs.recipes.values()
        if recipe_of(repository.catalog, recipe.file) is None
    ]
    total = len(new) + len(files)
    for done, id_ in enumerate(new, start=1):
        stored = incoming.index.find_tensor(id_)
        assert stored is not None
        audit_tensor(incoming.reader, stored)
        if progress is not None:
            progress("checking", done, total)
    for blob in (*(each.id for each in plan.blobs), *plan.blobs_anew):
        incoming.reader.blob(blob)
    for done, recipe in enumerate(files, start=len(new) + 1):
        for _ in verified(incoming.reader.join(map(stored_part, recipe.parts)), recipe.file):
            pass
        if progress is not None:
            progress("checking", done, total)
