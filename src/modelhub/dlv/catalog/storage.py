"""The storage index as tables: where each tensor and blob lies (repository.md §5)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    insert,
    select,
    update,
)

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.rows import info_of, key_of, statistics_of
from modelhub.dlv.catalog.schema import blob, copy, pack, segment, tensor
from modelhub.dtypes import size_bytes
from modelhub.pas import (
    Location,
    MemoryIndex,
    PackFooter,
    SegmentMember,
    StorageIndex,
    StoredBlob,
    StoredSegment,
    StoredTensor,
    WrittenPack,
)
from modelhub.values import BlobId, PackId, TensorId


class CatalogIndex:
    """`modelhub.pas.StorageIndex` over the catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - the protocol's name
        """How a tensor is stored, or None if it is not."""
        row = self.catalog.first(
            select(tensor, copy, blob.c.id.label("block_id"))
            .join(copy, copy.c.tensor == tensor.c.key)
            .outerjoin(blob, blob.c.key == copy.c.block)
            .where(tensor.c.id == id)
        )
        return None if row is None else self._stored(row)

    def _stored(self, row: Row[tuple[object, ...]]) -> StoredTensor:
        found = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
        segments = () if found["block"] is not None else self._segments(found[copy.c.key])
        block = (found["block_id"], found["block_offset"]) if found["block"] is not None else None
        return StoredTensor(
            info=info_of(row),
            copy=found["number"],
            statistics=statistics_of(row),
            encoding=found["encoding"],
            base=found["base"],
            levels=found["levels"],
            groups=found["groups"],
            group_size=found["group_size"],
            segments=segments,
            block=block,
        )

    def _segments(self, key: int) -> tuple[StoredSegment, ...]:
        rows = self.catalog.rows(
            select(segment, pack.c.id.label("pack_id"))
            .join(pack, pack.c.key == segment.c.pack)
            .where(segment.c.copy == key)
            .order_by(segment.c.level, segment.c.first_group)
        )
        return tuple(
            StoredSegment(
                level=row.level,
                group=row.first_group,
                groups=row.groups,
                location=Location(
                    pack=row.pack_id, offset=row.offset, size=row.size, checksum=row.checksum
                ),
            )
            for row in rows
        )

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - the protocol's name
        """Where a blob lies, or None if it is not stored."""
        row = self.catalog.first(_blobs().where(blob.c.id == id))
        return None if row is None else _stored_blob(row)

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - the protocol's name
        """How many bases must be read before this blob; 0 if it needs none or is unknown."""
        row = self.catalog.first(select(blob.c.depth).where(blob.c.id == id))
        return 0 if row is None else int(row.depth)


def _blobs() -> Select[tuple[object, ...]]:
    return select(blob, pack.c.id.label("pack_id")).join(pack, pack.c.key == blob.c.pack)


def _stored_blob(row: Row[tuple[object, ...]]) -> StoredBlob:
    return StoredBlob(
        id=row.id,
        role=row.role,
        raw_size=row.raw_size,
        base=row.base,
        file=row.file,
        location=Location(
            pack=row.pack_id, offset=row.offset, size=row.size, checksum=row.checksum
        ),
    )


def register(
    connection: Connection, packs: Iterable[WrittenPack], *, outside: StorageIndex | None = None
) -> None:
    """Add what new packs hold to the index; what is indexed already stays as it is.

    All segments of a copy must be in `packs`: a version publishes its packs at once. Bases
    may lie outside, where `outside` finds them.
    """
    memory = MemoryIndex(outside=outside)
    pack_keys: dict[PackId, int] = {}
    for each in packs:
        memory.register(each.id, each.footer)
        pack_keys[each.id] = _pack_key(connection, each.id, each.size)
    for stored_blob in memory.blobs():
        _add_blob(connection, stored_blob, pack_keys)
    for stored in memory.tensors():
        _add_tensor(connection, stored, pack_keys)


def _pack_key(connection: Connection, id_: PackId, size: int) -> int:
    found = connection.execute(select(pack.c.key).where(pack.c.id == id_)).scalar()
    if found is not None:
        return int(found)
    return key_of(connection.execute(insert(pack).values(id=id_, size=size)))


def _add_blob(connection: Connection, found: StoredBlob, packs: Mapping[PackId, int]) -> None:
    known = select(blob.c.key).where(blob.c.id == found.id)
    if connection.execute(known).first() is not None:
        return
    depth = 0
    if found.base is not None:
        query = select(blob.c.depth).where(blob.c.id == found.base)
        depth = 1 + int(connection.execute(query).scalar_one())
    values = {
        "id": found.id,
        "role": found.role,
        "raw_size": found.raw_size,
        "base": found.base,
        "depth": depth,
        "file": found.file,
        **_place(found.location, packs),
    }
    connection.execute(insert(blob).values(**values))


def _place(location: Location, packs: Mapping[PackId, int]) -> dict[str, object]:
    return {
        "pack": packs[location.pack],
        "offset": location.offset,
        "size": location.size,
        "checksum": location.checksum,
    }


def _add_tensor(connection: Connection, found: StoredTensor, packs: Mapping[PackId, int]) -> None:
    known = (
        select(tensor.c.key, copy.c.key.label("copy"))
        .outerjoin(copy, copy.c.tensor == tensor.c.key)
        .where(tensor.c.id == found.info.id)
    )
    row = connection.execute(known).first()
    if row is not None and row.copy is not None:
        return
    if row is None:
        key = key_of(connection.execute(insert(tensor).values(**_tensor_row(found))))
    else:
        key = int(row.key)
    _add_copy(connection, found, key, packs)


def _add_copy(
    connection: Connection, found: StoredTensor, tensor_key: int, packs: Mapping[PackId, int]
) -> None:
    values: dict[str, object] = {
        "tensor": tensor_key,
        "number": found.copy,
        "encoding": found.encoding,
        "base": found.base,
        "levels": found.levels,
        "groups": found.groups,
        "group_size": found.group_size,
    }
    if found.block is not None:
        block, offset = found.block
        query = select(blob.c.key).where(blob.c.id == block)
        values |= {"block": connection.execute(query).scalar_one(), "block_offset": offset}
    key = key_of(connection.execute(insert(copy).values(**values)))
    rows = [
        {
            "copy": key,
            "level": each.level,
            "first_group": each.group,
            "groups": each.groups,
            **_place(each.location, packs),
        }
        for each in found.segments
    ]
    if rows:
        connection.execute(insert(segment), rows)


def _tensor_row(found: StoredTensor) -> Mapping[str, object]:
    info, numbers = found.info, found.statistics
    return {
        "id": info.id,
        "dtype": info.dtype,
        "shape": json.dumps(info.shape),
        "size": size_bytes(info.dtype, info.shape),
        **({} if numbers is None else asdict(numbers)),
    }


def relocate(connection: Connection, packs: Iterable[WrittenPack]) -> None:
    """Point the index at the places that members have in these packs.

    Cost: two statements for all members of a kind, whatever their number.
    """
    blobs: list[dict[str, object]] = []
    segments: list[dict[str, object]] = []
    for each in packs:
        key = _pack_key(connection, each.id, each.size)
        copies = _copy_keys(connection, each.footer)
        for member in each.footer.members:
            place = {
                "new_pack": key,
                "new_offset": member.offset,
                "new_size": member.size,
                "new_checksum": member.checksum,
            }
            if isinstance(member, SegmentMember):
                which = {"its_level": member.level, "its_group": member.group}
                segments.append({"its_copy": copies[member.copy], **which, **place})
            else:
                blobs.append({"its_id": member.id, "new_base": member.base, **place})
    if segments:
        connection.execute(_move_segment(), segments)
    if blobs:
        connection.execute(_move_blob(), blobs)


_PLACE: dict[str, BindParameter[Any]] = {
    name: bindparam(f"new_{name}") for name in ("pack", "offset", "size", "checksum")
}


def _move_blob() -> Update:
    here = blob.c.id == bindparam("its_id")
    return update(blob).where(here).values(base=bindparam("new_base"), **_PLACE)


def _move_segment() -> Update:
    here = (
        (segment.c.copy == bindparam("its_copy"))
        & (segment.c.level == bindparam("its_level"))
        & (segment.c.first_group == bindparam("its_group"))
    )
    return update(segment).where(here).values(**_PLACE)


def _copy_keys(connection: Connection, footer: PackFooter) -> list[int | None]:
    """The catalog's key of each copy of a footer; None for one that is not the one read."""
    ids = [entry.info.id for entry in footer.tensors]
    known: dict[tuple[object, ...], int] = {}
    for start in range(0, len(ids), 500):
        query = (
            select(tensor.c.id, copy.c.number, copy.c.encoding, copy.c.base, copy.c.key)
            .join(copy, copy.c.tensor == tensor.c.key)
            .where(tensor.c.id.in_(ids[start : start + 500]))
        )
        known.update({tuple(row)[:4]: row.key for row in connection.execute(query)})
    return [
        known.get((ids[entry.tensor], entry.copy, entry.encoding, entry.base))
        for entry in footer.copies
    ]
