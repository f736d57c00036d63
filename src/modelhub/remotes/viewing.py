"""A version on a remote, read where it is."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from modelhub.dlv.files import Buffer, stored_part, verified
from modelhub.dlv.versions import VersionFile
from modelhub.errors import IntegrityError
from modelhub.pas import ArchiveReader
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
        recipe = next(each for each in self.needs.recipes.values() if each.file == file.id)
        return verified(self.reader.join(map(stored_part, recipe.parts)), file.id)


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
