"""Members of packs into the storage index (repository.md §5)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Table,
    Update,
    bindparam,
    insert,
    select,
    update,
)

from modelhub.dlv.catalog.keys import key_of, keys_of, known_keys, pieces
from modelhub.dlv.catalog.schema import blob, copy, pack, segment, tensor
from modelhub.dtypes import size_bytes
from modelhub.pas import (
    Location,
    MemoryIndex,
    PackFooter,
    SegmentMember,
    StorageIndex,
    StoredBlob,
    StoredTensor,
    WrittenPack,
)
from modelhub.values import BlobId, PackId, Statistics, TensorId


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
        pack_keys[each.id] = pack_key(connection, each.id, each.size)
    _add_blobs(connection, list(memory.blobs()), pack_keys)
    _add_tensors(connection, list(memory.tensors()), pack_keys)


def pack_key(connection: Connection, id_: PackId, size: int) -> int:
    """The key of a pack, which is inserted if it is new."""
    found = connection.execute(select(pack.c.key).where(pack.c.id == id_)).scalar()
    if found is not None:
        return int(found)
    return key_of(connection.execute(insert(pack).values(id=id_, size=size)))


def _add_blobs(
    connection: Connection, found: Sequence[StoredBlob], packs: Mapping[PackId, int]
) -> None:
    """Insert the blobs that are not there yet; each stands after its base."""
    known = known_keys(connection, blob, [each.id for each in found])
    new = [each for each in found if each.id not in known]
    depths = _depths(connection, [each.base for each in new if each.base is not None])
    for each in new:
        depths[each.id] = 0 if each.base is None else depths[each.base] + 1
    rows = [
        {
            "id": each.id,
            "role": each.role,
            "raw_size": each.raw_size,
            "base": each.base,
            "depth": depths[each.id],
            "file": each.file,
            **location_columns(each.location, packs),
        }
        for each in new
    ]
    insert_rows(connection, blob, rows)


def _depths(connection: Connection, ids: Iterable[BlobId]) -> dict[BlobId, int]:
    found: dict[BlobId, int] = {}
    for part in pieces(ids):
        query = select(blob.c.id, blob.c.depth).where(blob.c.id.in_(part))
        found.update({row.id: row.depth for row in connection.execute(query)})
    return found


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert all rows, or none if there are none."""
    if rows:
        connection.execute(insert(table), rows)


def location_columns(location: Location, packs: Mapping[PackId, int]) -> dict[str, object]:
    """The columns that say where a member lies."""
    return {
        "pack": packs[location.pack],
        "offset": location.offset,
        "size": location.size,
        "checksum": location.checksum,
    }


def _add_tensors(
    connection: Connection, found: Sequence[StoredTensor], packs: Mapping[PackId, int]
) -> None:
    """Insert the tensors, and their copies, of which there is no copy yet."""
    readable = _with_copy(connection, [each.info.id for each in found])
    new = [each for each in found if each.info.id not in readable]
    ids = [each.info.id for each in new]
    known = known_keys(connection, tensor, ids)
    insert_rows(
        connection, tensor, [_tensor_row(each) for each in new if each.info.id not in known]
    )
    keys = keys_of(connection, tensor, ids)
    blocks = keys_of(connection, blob, [each.block[0] for each in new if each.block is not None])
    insert_rows(connection, copy, [copy_row(each, keys[each.info.id], blocks) for each in new])
    copies = _copies_of(connection, keys.values())
    segments = [
        row for each in new for row in segment_rows(each, copies[keys[each.info.id]], packs)
    ]
    insert_rows(connection, segment, segments)


def segment_rows(
    found: StoredTensor, copy_key: int, packs: Mapping[PackId, int]
) -> list[dict[str, object]]:
    """Rows of `segment`, of a copy that has the key `copy_key`."""
    return [
        {
            "copy": copy_key,
            "level": part.level,
            "first_group": part.group,
            "groups": part.groups,
            **location_columns(part.location, packs),
        }
        for part in found.segments
    ]


def _with_copy(connection: Connection, ids: Iterable[TensorId]) -> set[str]:
    found: set[str] = set()
    held = select(tensor.c.id).join(copy, copy.c.tensor == tensor.c.key)
    for part in pieces(ids):
        found.update(connection.execute(held.where(tensor.c.id.in_(part))).scalars())
    return found


def _copies_of(connection: Connection, tensors: Iterable[int]) -> dict[int, int]:
    """The keys of copies, by those of their tensors."""
    found: dict[int, int] = {}
    for part in pieces(tensors):
        query = select(copy.c.tensor, copy.c.key).where(copy.c.tensor.in_(part))
        found.update({row.tensor: row.key for row in connection.execute(query)})
    return found


def copy_row(
    found: StoredTensor, tensor_key: int, blocks: Mapping[str, int]
) -> Mapping[str, object]:
    """A row of `copy`, its key left to the catalog."""
    block, offset = (None, None) if found.block is None else found.block
    return {
        "tensor": tensor_key,
        "number": found.copy,
        "encoding": found.encoding,
        "base": found.base,
        "levels": found.levels,
        "groups": found.groups,
        "group_size": found.group_size,
        "block": None if block is None else blocks[block],
        "block_offset": offset,
    }


def _tensor_row(found: StoredTensor) -> Mapping[str, object]:
    info, numbers = found.info, found.statistics
    return {
        "id": info.id,
        "dtype": info.dtype,
        "shape": json.dumps(info.shape),
        "size": size_bytes(info.dtype, info.shape),
        **(_NO_NUMBERS if numbers is None else asdict(numbers)),
    }


_NO_NUMBERS = dict.fromkeys(each.name for each in fields(Statistics))


def relocate(connection: Connection, packs: Iterable[WrittenPack]) -> None:
    """Point the index at the places that members have in these packs.

    Cost: two statements for all members of a kind, whatever their number.
    """
    blobs: list[dict[str, object]] = []
    segments: list[dict[str, object]] = []
    for each in packs:
        key = pack_key(connection, each.id, each.size)
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
    for part in pieces(ids):
        query = (
            select(tensor.c.id, copy.c.number, copy.c.encoding, copy.c.base, copy.c.key)
            .join(copy, copy.c.tensor == tensor.c.key)
            .where(tensor.c.id.in_(part))
        )
        known.update({tuple(row)[:4]: row.key for row in connection.execute(query)})
    return [
        known.get((ids[entry.tensor], entry.copy, entry.encoding, entry.base))
        for entry in footer.copies
    ]
