"""dlv gc: free the bytes that no version needs, and say why others stay."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from modelhub.dlv import locks
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.schema import version
from modelhub.dlv.catalog.sweep import (
    delete_empty_packs,
    delete_unreferenced,
    delete_versions,
    live_bytes,
)
from modelhub.dlv.catalog.versions import ref_of
from modelhub.dlv.maintenance import known_packs, orphans, rewrite_packs
from modelhub.dlv.versions import VersionRef
from modelhub.errors import LockedError, NotFoundError
from modelhub.pas import DirectoryStore
from modelhub.values import PackId

DEAD_SHARE = 0.1  # of a pack, from which on it is written anew without its dead members


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Something that a collection leaves, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The outcome of a collection, or of a dry run.

    Attributes:
        versions: removed versions that were freed.
        packs: how many packs were deleted or written anew.
        leftovers: objects and temporary files of writers that died.
        freed: bytes.
        kept: what could not be freed, and why.
        dry_run: whether nothing was done.
    """

    versions: Sequence[VersionRef]
    packs: int
    leftovers: int
    freed: int
    kept: Sequence[Kept]
    dry_run: bool


class _DryRun(Exception):  # noqa: N818 - no error: it takes a transaction back
    """Raised inside a transaction, so that nothing of it stays."""


def collect_garbage(
    repository: BaseRepository, *, grace_days: float | None = None, dry_run: bool = False
) -> Collected:
    """Free removed versions after their grace time, and everything that nothing needs.

    Safe beside running commits: what they wrote and have not published stays.

    Args:
        repository: where.
        grace_days: how long a removed version stays; the setting `gc.grace_days` if None.
        dry_run: only say what would be freed.
    """
    days = repository.settings.gc_grace_days if grace_days is None else grace_days
    expired, kept = _expired(repository, days)
    before = _stored_bytes(repository)
    empty, sparse = _sweep(repository, [row.key for row in expired], dry_run=dry_run)
    if not dry_run:  # before leftovers are counted, which are none of these
        for id_, _ in empty:
            repository.store.delete(PackId(id_))
    leftovers, orphaned, why = _leftovers(repository, dry_run=dry_run)
    freed = orphaned
    if dry_run:
        freed += sum(size for _, size in empty) + sum(dead for _, dead in sparse)
    else:
        rewrite_packs(repository, [PackId(id_) for id_, _ in sparse])
        freed += before - _stored_bytes(repository)
    return Collected(
        versions=[ref_of(row) for row in expired],
        packs=len(empty) + len(sparse),
        leftovers=leftovers,
        freed=max(freed, 0),
        kept=[*kept, *why],
        dry_run=dry_run,
    )


def _expired(repository: BaseRepository, days: float) -> tuple[list[Row[Any]], list[Kept]]:
    """Removed versions whose grace time is over, and those that wait."""
    expired, kept = [], []
    limit = datetime.now(UTC) - timedelta(days=days)
    rows = repository.catalog.rows(select(version).where(version.c.removed.is_not(None)))
    for row in rows:
        removed = datetime.fromisoformat(row.removed)
        # A clock that went back must not make a version older than it is.
        if removed <= limit:
            expired.append(row)
        else:
            until = (removed + timedelta(days=days)).strftime("%Y-%m-%d %H:%M")
            why = f"removed {row.removed[:16]}, kept until {until} UTC; free it now with --grace 0"
            kept.append(Kept(what=str(ref_of(row)), why=why))
    return expired, kept


def _stored_bytes(repository: BaseRepository) -> int:
    return sum(size for _, size in known_packs(repository.catalog))


def _sweep(
    repository: BaseRepository, keys: Sequence[int], *, dry_run: bool
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Take what nothing needs out of the catalog.

    Returns the packs that are empty now, with their sizes, and those that are worth writing
    anew, with their dead bytes.
    """
    empty: list[tuple[str, int]] = []
    sparse: list[tuple[str, int]] = []

    def work(connection: Connection) -> None:
        delete_versions(connection, keys)
        delete_unreferenced(connection)
        for id_, size, live in live_bytes(connection):
            if live == 0:
                empty.append((id_, size))
            elif size - live > DEAD_SHARE * size:
                dead = _dead_bytes(repository, PackId(id_), live)
                if dead > DEAD_SHARE * size:
                    sparse.append((id_, dead))
        delete_empty_packs(connection)

    with suppress(_DryRun), repository.catalog.write() as connection:
        work(connection)
        if dry_run:
            raise _DryRun
    return empty, sparse


def _dead_bytes(repository: BaseRepository, id_: PackId, live: int) -> int:
    """Bytes of a pack's members that nothing needs; the footer is no member."""
    return sum(member.size for member in repository.footer(id_).members) - live


def _leftovers(repository: BaseRepository, *, dry_run: bool) -> tuple[int, int, list[Kept]]:
    """Objects and temporary files that no catalog row and no running writer knows.

    Returns how many there are, their bytes, and what is kept because others are writing.
    """
    layout = repository.layout
    try:
        with locks.writing(layout, "gc", exclusive=True, wait_s=0):
            unknown = orphans(repository)
            size = sum(_size(repository, id_) for id_ in unknown)
            transit = DirectoryStore(layout.transit, repository.scratch)
            travelling = list(transit.ids())
            size += sum(transit.size(id_) for id_ in travelling)
            folders = locks.leftovers(layout)
            size += sum(f.stat().st_size for folder in folders for f in folder.iterdir())
            if not dry_run:
                for id_ in unknown:
                    repository.store.delete(id_)
                for id_ in travelling:
                    transit.delete(id_)
                for folder in folders:
                    locks.discard(folder)
            return len(unknown) + len(travelling) + len(folders), size, []
    except LockedError as error:
        return 0, 0, [Kept(what="unpublished objects", why=str(error))]


def _size(repository: BaseRepository, id_: PackId) -> int:
    """Bytes of an object; none if another process has deleted it by now."""
    try:
        return repository.store.size(id_)
    except NotFoundError:
        return 0
