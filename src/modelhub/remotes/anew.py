"""Tensors and blobs that cannot be copied as they are stored: decoded, and encoded whole."""

from collections.abc import Iterable
from dataclasses import dataclass

from modelhub.dtypes import size_bytes
from modelhub.errors import IntegrityError
from modelhub.pas import ArchiveReader, ArchiveWriter, StorageIndex
from modelhub.remotes.needs import Needs
from modelhub.values import BlobId, TensorId


@dataclass(frozen=True, slots=True)
class _Elements:
    """The bytes of a stored tensor, as a writer asks for them."""

    reader: ArchiveReader
    tensor: TensorId
    width: int

    def __call__(self, offset: int, size: int) -> memoryview:
        start = offset // self.width
        return self.reader.read(self.tensor, start=start, stop=start + size // self.width)


def encode_tensors(
    tensors: Iterable[TensorId], reader: ArchiveReader, index: StorageIndex, writer: ArchiveWriter
) -> None:
    """Write stored tensors anew, whole.

    Args:
        tensors: which.
        reader: of the archive that has them.
        index: of the same.
        writer: where they go.

    Raises:
        IntegrityError: stored bytes are damaged.

    Cost: a tensor of more than 64 MiB is read twice; a few groups are in memory.
    """
    for id_ in tensors:
        stored = index.find_tensor(id_)
        assert stored is not None
        info = stored.info
        elements = _Elements(reader, id_, size_bytes(info.dtype, (1,)))
        written = writer.put_tensor(elements, dtype=info.dtype, shape=info.shape)
        if written.id != id_:
            raise IntegrityError(f"tensor {id_} decodes to other bytes than its own; run dlv fsck")


def encode_blobs(
    blobs: Iterable[BlobId], needs: Needs, reader: ArchiveReader, writer: ArchiveWriter
) -> None:
    """Write stored blobs anew, against no others.

    Args:
        blobs: which.
        needs: what they are to a version.
        reader: of the archive that has them.
        writer: where they go.

    Raises:
        IntegrityError: stored bytes are damaged.
    """
    for id_ in blobs:
        recipe = needs.recipes.get(id_)
        file = None if recipe is None else recipe.file
        writer.put_blob(reader.blob(id_), role=needs.blobs[id_], file=file)
