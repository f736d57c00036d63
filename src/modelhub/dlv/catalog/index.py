"""The storage index as it is asked: where each tensor and blob lies (repository.md §5)."""

from typing import Any

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.rows import TENSOR, info_of, statistics_of
from modelhub.pas import Location, StoredBlob, StoredSegment, StoredTensor
from modelhub.values import BlobId, TensorId

_TENSOR = (
    f"select {TENSOR}, copy.key as copy, number, encoding, copy.base, levels, groups, group_size,"
    " block, block_offset, blob.id as block_id"
    " from tensor join copy on copy.tensor = tensor.key left join blob on blob.key = copy.block"
    " where tensor.id = :id"
)
_SEGMENTS = (
    "select level, first_group, groups, pack.id as pack, offset, segment.size, checksum"
    " from segment join pack on pack.key = segment.pack"
    " where copy = :copy order by level, first_group"
)
_BLOB = (
    "select blob.id, role, raw_size, base, file, pack.id as pack, offset, blob.size, checksum"
    " from blob join pack on pack.key = blob.pack where blob.id = :id"
)


class CatalogIndex:
    """`modelhub.pas.StorageIndex` over the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - the protocol's name
        """How a tensor is stored, or None if it is not."""
        row = self.catalog.ask_one(_TENSOR, id=id)
        if row is None:
            return None
        return StoredTensor(
            info=info_of(row),
            copy=row.number,
            statistics=statistics_of(row),
            encoding=row.encoding,
            base=row.base,
            levels=row.levels,
            groups=row.groups,
            group_size=row.group_size,
            segments=self._segments(row.copy) if row.block is None else (),
            block=None if row.block is None else (row.block_id, row.block_offset),
        )

    def _segments(self, copy: int) -> tuple[StoredSegment, ...]:
        return tuple(
            StoredSegment(
                level=row.level, group=row.first_group, groups=row.groups, location=_location(row)
            )
            for row in self.catalog.ask(_SEGMENTS, copy=copy)
        )

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - the protocol's name
        """Where a blob lies, or None if it is not stored."""
        row = self.catalog.ask_one(_BLOB, id=id)
        if row is None:
            return None
        return StoredBlob(
            id=row.id,
            role=row.role,
            raw_size=row.raw_size,
            base=row.base,
            file=row.file,
            location=_location(row),
        )

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - the protocol's name
        """How many bases must be read before this blob; 0 if it needs none or is unknown."""
        row = self.catalog.ask_one("select depth from blob where id = :id", id=id)
        return 0 if row is None else int(row.depth)


def _location(row: Any) -> Location:
    return Location(pack=row.pack, offset=row.offset, size=row.size, checksum=row.checksum)
