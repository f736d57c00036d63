"""What a remote has, as an index; what a version needs of it (docs/spec/sync.md §4, §6)."""

from collections.abc import Iterable, Mapping

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas import (
    BlobMember,
    MemoryIndex,
    PackSource,
    StoredBlob,
    StoredTensor,
    chain_of,
    read_footer,
)
from modelhub.remotes.documents import Parcel
from modelhub.values import BlobId, FileId, PackId, TensorId


class Contents:
    """Packs of a remote, known by their footers; `modelhub.pas.StorageIndex` over them."""

    def __init__(self, store: PackSource) -> None:
        self._store = store
        self._index = MemoryIndex()
        self._recipes: dict[FileId, BlobId] | None = None
        self.packs: dict[PackId, int] = {}  # with their sizes

    def add(self, parcel: Parcel) -> None:
        """Learn what the packs of a parcel hold.

        Raises:
            NotFoundError: a pack is missing.
            IntegrityError: a pack is no pack, or not as long as the parcel says.

        Cost: three small reads for each pack that is not known yet.
        """
        for id_, size in parcel.packs.items():
            if self.packs.setdefault(id_, size) != size or self._store.size(id_) != size:
                raise IntegrityError(f"pack {id_[:12]} is not as long as its parcel says")
        self.learn(parcel.packs)

    def learn(self, packs: Mapping[PackId, int]) -> None:
        """Learn what some packs hold, whose sizes are known to be true."""
        self._recipes = None
        for id_, size in packs.items():
            self.packs[id_] = size
            self._index.register(id_, read_footer(self._store, id_))

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - the protocol's name
        """How a tensor is stored, or None if it is not."""
        return self._index.find_tensor(id)

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - the protocol's name
        """Where a blob lies, or None if it is not stored."""
        return self._index.find_blob(id)

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - the protocol's name
        """How many bases must be read before this blob."""
        return self._index.blob_depth(id)

    def recipe_of(self, file: FileId) -> BlobId | None:
        """The blob that says how to make a file."""
        if self._recipes is None:
            self._recipes = {b.file: b.id for b in self._index.blobs() if b.file is not None}
        return self._recipes.get(file)

    def bases_of(self, tensors: Iterable[TensorId]) -> list[TensorId]:
        """Tensors with all that they are based on, each once, bases first."""
        found: dict[TensorId, None] = {}
        for id_ in tensors:
            for stored in reversed(self._chain(id_)):
                found.setdefault(stored.info.id)
        return list(found)

    def frames_of(self, blobs: Iterable[BlobId]) -> list[BlobId]:
        """Blobs with all that they are compressed against, each once."""
        return list(dict.fromkeys(s.id for id_ in blobs for s in self._blob_chain(id_)))

    def packs_holding(
        self, tensors: Iterable[TensorId], blobs: Iterable[BlobId]
    ) -> dict[PackId, int]:
        """The packs that hold these tensors and blobs; of blocks, what they need, too."""
        stored = [self._chain(id_)[0] for id_ in tensors]
        found = {part.location.pack for each in stored for part in each.segments}
        blocks = [each.block[0] for each in stored if each.block is not None]
        for id_ in (*blobs, *self.frames_of(blocks)):
            found.add(self._blob_chain(id_)[0].location.pack)
        return {id_: self.packs[id_] for id_ in sorted(found)}

    def strangers(self, tensors: Iterable[TensorId], blobs: Iterable[BlobId]) -> set[PackId]:
        """The packs that hold more than these, and what they are based on.

        Cost: three small reads for each pack.
        """
        wanted_tensors = set(self.bases_of(tensors))
        wanted_blobs = set(self.frames_of(blobs))
        found = set()
        for pack in self.packs:
            footer = read_footer(self._store, pack)
            held = {each.info.id for each in footer.tensors}
            others = {
                each.id
                for each in footer.members
                if isinstance(each, BlobMember) and not each.tensors  # of a block, those count
            }
            if footer.unknown or not held <= wanted_tensors or not others <= wanted_blobs:
                found.add(pack)
        return found

    def _chain(self, id_: TensorId) -> tuple[StoredTensor, ...]:
        stored = self._index.find_tensor(id_)
        if stored is None:
            raise NotFoundError(f"tensor {id_[:12]} is missing on the remote; publish it again")
        return chain_of(self._index, stored)

    def _blob_chain(self, id_: BlobId) -> list[StoredBlob]:
        found = []
        wanted: BlobId | None = id_
        while wanted is not None:  # ends: an index never has a cycle
            stored = self._index.find_blob(wanted)
            if stored is None:
                raise NotFoundError(
                    f"blob {wanted[:12]} is missing on the remote; publish it again"
                )
            found.append(stored)
            wanted = stored.base
        return found
