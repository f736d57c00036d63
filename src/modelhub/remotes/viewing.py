"""A version on a remote, read where it is."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from modelhub.dlv.files import Buffer, stored_part, verified
from modelhub.dlv.recipe import FileRecipe, LiteralPart, Part
from modelhub.dlv.versions import VersionFile
from modelhub.dtypes import size_bytes
from modelhub.errors import IntegrityError, NotFoundError
from modelhub.pas import ArchiveReader, BlobSpan
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import TrackEntry
from modelhub.remotes.incoming import check_description
from modelhub.remotes.needs import Needs, needs_of
from modelhub.remotes.remote import Remote, read_parcel
from modelhub.values import BlobId, PackId, TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A version that is read in place.

    Attributes:
        needs: what it consists of; each blob that says so was compared with its id.
        contents: of the packs of its parcel, at least.
        reader: of these packs.
    """

    needs: Needs
    contents: Contents
    reader: ArchiveReader

    def file(self, file: VersionFile) -> Iterator[Buffer]:
        """The bytes of one of its files, in order, a few MiB at a time.

        Raises:
            IntegrityError: they are not the file's; the last part does not come then.
        """
        return verified(self.reader.join(map(stored_part, self._recipe(file).parts)), file.id)

    def range(self, file: VersionFile, start: int, stop: int) -> Iterator[Buffer]:
        """Bytes [start, stop) of one of its files, in order, a few MiB at a time.

        Stored bytes are compared with their checksums; the file's own hash tells of all of its
        bytes only, so what a range decodes to is not compared with it.

        Cost: tensors before `start` are not read; the one that it lies in is read from its begin.

        Raises:
            IntegrityError: stored bytes are damaged.
        """
        parts: list[TensorId | BlobSpan] = []
        at = 0
        for part in self._recipe(file).parts:
            size = self._size(part)
            if at + size > start and at < stop:
                if not parts:
                    skip, wanted = start - at, stop - start
                parts.append(stored_part(part))
            at += size
        if not parts:
            return
        for piece in self.reader.join(parts):
            taken = memoryview(piece)[skip : skip + wanted]
            skip = max(0, skip - len(piece))
            wanted -= len(taken)
            if taken:
                yield taken
            if not wanted:
                return

    def _recipe(self, file: VersionFile) -> FileRecipe:
        return next(each for each in self.needs.recipes.values() if each.file == file.id)

    def _size(self, part: Part) -> int:
        if isinstance(part, LiteralPart):
            return part.length
        stored = self.contents.find_tensor(part.tensor)
        if stored is None:
            raise NotFoundError(f"tensor {part.tensor[:12]} is not there; publish it again")
        return size_bytes(stored.info.dtype, stored.info.shape)


@contextmanager
def view(
    remote: Remote, name: str, entry: TrackEntry, contents: Contents | None = None
) -> Iterator[View]:
    """Read a version without fetching it.

    Args:
        remote: where it is.
        name: of its model.
        entry: which version.
        contents: what is known of the remote already; more, afterwards.

    Raises:
        NotFoundError: something of it is missing.
        IntegrityError: something is not what it must be.

    Cost: three small reads for each pack that it needs, and its descriptions.
    """
    parcel = read_parcel(remote, entry.parcel)
    if parcel.version != entry.version:
        raise IntegrityError(f"{remote.url}: a parcel of {name} is of another version")
    contents = Contents(remote) if contents is None else contents
    contents.add(parcel)
    with ArchiveReader(remote, contents, threads=1) as reader:
        needs = needs_of(parcel.version, reader, contents.recipe_of)
        check_description(needs, name, contents)
        yield View(needs=needs, contents=contents, reader=reader)


def packs_with_more(remote: Remote, name: str, entries: Iterable[TrackEntry]) -> set[PackId]:
    """The packs of some versions of a model that hold more than what these need.

    Raises:
        NotFoundError: something of a version is missing.
        IntegrityError: something is not what it must be.
    """
    contents = Contents(remote)
    tensors: set[TensorId] = set()
    blobs: set[BlobId] = set()
    for entry in entries:
        with view(remote, name, entry, contents) as found:
            tensors |= set(found.needs.tensors)
            blobs |= set(found.needs.blobs)
    return contents.strangers(tensors, blobs)
