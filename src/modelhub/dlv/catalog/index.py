"""The storage index as it is asked: where each tensor and blob lies (repository.md §5)."""

from typing import Any

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.rows import TENSOR, info_of, statistics_of
from modelhub.pas import Location, StoredBlob, StoredSegment, StoredTensor
from modelhub.values import BlobId, TensorId

_TENSOR = (  # one question, so that a tensor that is stored anew meanwhile is old or new
    f"select {TENSOR}, number, encoding, copy.base, levels, copy.groups, group_size,"
    " block, block_offset, blob.id as block_id,"
    " segment.level, segment.first_group, segment.groups as run, pack.id as pack,"
    " segment.offset, segment.size as bytes, segment.checksum"
    " from tensor join copy on copy.tensor = tensor.key left join blob on blob.key = copy.block"
    " left join segment on segment.copy = copy.key left join pack on pack.key = segment.pack"
    " where tensor.id = :id order by segment.level, segment.first_group"
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
        rows = self.catalog.ask(_TENSOR, id=id)
        if not rows:
            return None
        row = rows[0]
        return StoredTensor(
            info=info_of(row),
            copy=row.number,
            statistics=statistics_of(row),
            encoding=row.encoding,
            base=row.base,
            levels=row.levels,
            groups=row.groups,
            group_size=row.group_size,
            segments=tuple(_segment(each) for each in rows if each.level is not None),
            block=None if row.block is None else (row.block_id, row.block_offset),
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


def _segment(row: Any) -> StoredSegment:
    place = Location(pack=row.pack, offset=row.offset, size=row.bytes, checksum=row.checksum)
    return StoredSegment(level=row.level, group=row.first_group, groups=row.run, location=place)


def _location(row: Any) -> Location:
    return Location(pack=row.pack, offset=row.offset, size=row.size, checksum=row.checksum)
