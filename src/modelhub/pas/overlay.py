"""An index in which some tensors are stored otherwise than an index below it says."""

from collections.abc import Mapping

from modelhub.pas.index import StorageIndex, StoredBlob, StoredTensor
from modelhub.values import BlobId, TensorId


class OverlayIndex:
    """Reads through copies before they are registered, and all else as below.

    Args:
        below: what holds otherwise.
        copies: by tensor, the copy that is read instead.
    """

    def __init__(self, below: StorageIndex, copies: Mapping[TensorId, StoredTensor]) -> None:
        self._below = below
        self._copies = copies

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - it is one
        """How a tensor is stored, or None if it is not."""
        return self._copies.get(id) or self._below.find_tensor(id)

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - it is one
        """Where a blob lies, or None if it is not stored."""
        return self._below.find_blob(id)

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - it is one
        """How many bases must be read before this blob; 0 if it needs none or is unknown."""
        return self._below.blob_depth(id)
