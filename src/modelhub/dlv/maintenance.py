"""Packs written anew: small ones merged, dead members left out. Readers are never stopped."""

import json
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, delete, select

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.schema import blob, counter, pack, segment
from modelhub.dlv.catalog.storage import relocate
from modelhub.errors import IntegrityError, ModelHubError, NotFoundError
from modelhub.pas import SMALL_PACK, ArchiveReader, MemoryIndex, WrittenPack, merge_packs
from modelhub.values import PackId

FAN_IN = 64  # packs of one size class that are merged into one
SIZE_CLASSES = (64 << 10, 1 << 20, SMALL_PACK)  # so that a byte is copied a few times in all


def known_packs(catalog: Catalog) -> list[tuple[PackId, int]]:
    """The packs of the catalog with their sizes, in the order of their publication."""
    rows = catalog.rows(select(pack.c.id, pack.c.size).order_by(pack.c.key))
    return [(PackId(row.id), row.size) for row in rows]


def orphans(repository: BaseRepository) -> list[PackId]:
    """Objects that the catalog does not know: of writers that died, or that are writing now.

    Raises:
        IntegrityError: one of them holds a record with a sequence number that the catalog has
            not drawn yet. So the catalog has lost its last transactions (its journal was
            deleted, or an old copy put back), and these objects are no leftovers.
    """
    known = {id_ for id_, _ in known_packs(repository.catalog)}
    found = [id_ for id_ in repository.store.ids() if id_ not in known]
    row = repository.catalog.first(select(counter.c.seq))
    drawn = 0 if row is None else int(row.seq)
    for id_ in found:
        if _newest_record(repository, id_) > drawn:
            raise IntegrityError(
                f"{repository.catalog.path} is older than object {id_[:12]}, which was published "
                "after it; make the catalog again with: dlv fsck --rebuild"
            )
    return found


def _newest_record(repository: BaseRepository, id_: PackId) -> int:
    """The greatest sequence number of a pack's records; 0 if it has none or is cut off."""
    memory = MemoryIndex(outside=repository.index)
    try:
        memory.register(id_, repository.footer(id_))
        with ArchiveReader(repository.store, memory, threads=1) as reader:
            records = [b.id for b in memory.blobs() if b.role == "record"]
            return max((json.loads(reader.blob(each))["seq"] for each in records), default=0)
    except ModelHubError:
        return 0


def merge_small_packs(repository: BaseRepository, *, fan_in: int = FAN_IN) -> int:
    """Merge packs when enough small ones have come together; how many were merged.

    Cost: in the long run each stored byte of small commits is copied once a size class.
    """
    for bound in SIZE_CLASSES:
        query = select(pack.c.id).where(pack.c.size < bound).order_by(pack.c.key)
        small = [PackId(row.id) for row in repository.catalog.rows(query)]
        if len(small) >= fan_in:
            # A pack that cannot be read is for `fsck` to tell; the commit before was complete.
            with suppress(ModelHubError):
                rewrite_packs(repository, small)
                return len(small)
    return 0


def rewrite_packs(repository: BaseRepository, ids: Sequence[PackId]) -> list[WrittenPack]:
    """Copy the living members of packs into new ones, and delete the old ones.

    The index changes in one transaction; a reader that still looks for an old pack asks the
    index again. If another process has rewritten one of them meanwhile, nothing changes.
    """
    if not ids:
        return []
    with repository.writing("merge"):
        with repository.catalog.write() as connection:
            living = _living(connection, ids)
        try:
            written = merge_packs(
                repository.store, ids, keep=lambda m: (m.pack, m.offset) in living
            )
        except NotFoundError:
            if not _is_known(repository.catalog, ids):
                return []  # another process was faster
            raise
        with repository.catalog.write() as connection:
            overtaken = _living(connection, ids) != living
            if not overtaken:
                relocate(connection, written)
                fresh = {each.id for each in written}
                gone = [id_ for id_ in ids if id_ not in fresh]
                connection.execute(delete(pack).where(pack.c.id.in_(gone)))
        if overtaken:
            return []
        for id_ in gone:
            repository.store.delete(id_)
    return written


def _is_known(catalog: Catalog, ids: Sequence[PackId]) -> bool:
    """Whether the catalog still needs all of these packs."""
    return set(ids) <= {id_ for id_, _ in known_packs(catalog)}


def _living(connection: Connection, ids: Sequence[PackId]) -> set[tuple[PackId, int]]:
    """Pack and offset of each member that the index needs."""
    found = set()
    for table in (segment, blob):
        query = (
            select(pack.c.id, table.c.offset)
            .join(pack, pack.c.key == table.c.pack)
            .where(pack.c.id.in_(ids))
        )
        found |= {(PackId(row.id), row.offset) for row in connection.execute(query)}
    return found
