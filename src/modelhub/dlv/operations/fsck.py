"""dlv fsck: find what is damaged, name what it hits; rebuild the catalog; heal from elsewhere."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import column, select, text, union

from modelhub import durable
from modelhub.config import read_settings
from modelhub.dlv import locks
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.bases import NEEDED
from modelhub.dlv.catalog.compare import EXTRA, STORAGE, differences
from modelhub.dlv.catalog.schema import (
    blob,
    copy,
    file,
    file_blob,
    file_tensor,
    network,
    network_tensor,
    pack,
    segment,
    snapshot,
    snapshot_tensor,
    tensor,
    version,
    version_file,
)
from modelhub.dlv.catalog.versions import count_versions
from modelhub.dlv.layout import FOLDER, Layout
from modelhub.dlv.maintenance import known_packs, orphans
from modelhub.dlv.metadata import check_format
from modelhub.dlv.recovery import Rebuilt, read_packs, rebuild_into
from modelhub.dlv.staging import read_staging
from modelhub.errors import IntegrityError, ModelHubError
from modelhub.pas import BlobMember, DirectoryStore
from modelhub.values import PackId, Progress

_REBUILD = "make the catalog again from the objects: dlv fsck --rebuild"
_REPAIR = (
    "heal it from a repository or files that have these tensors: dlv fsck --repair --from PATH"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Something that is not as it must be.

    Attributes:
        what: the object, relation or file.
        problem: what is wrong with it.
        tensors: names of tensors that cannot be read for it.
        versions: versions that it hits.
        cure: what to do.
    """

    what: str
    problem: str
    tensors: Sequence[str] = ()
    versions: Sequence[str] = ()
    cure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of a check.

    Attributes:
        damages: what is wrong; empty if the repository is sound.
        packs: how many objects were read.
        versions: how many versions are there.
        leftovers: objects of writers that died; no damage, the next `gc` frees them.
    """

    damages: Sequence[Damage]
    packs: int
    versions: int
    leftovers: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.damages


def check(repository: BaseRepository, *, progress: Progress | None = None) -> Checked:
    """Read every object, and compare the catalog with what the objects say.

    Cost: reads all packs once; the rebuilt catalog for the comparison is temporary.
    """
    with repository.writing("fsck"):
        known = {PackId(id_) for id_, _ in known_packs(repository.catalog)}
        there = set(repository.store.ids())
        packs, broken = read_packs(repository.store, sorted(known & there), progress)
        damages = [
            *_damaged_settings(repository.layout),
            *_sqlite(repository.catalog),
            *_objects(repository, broken, known - there),
            *_behind(repository),
        ]
        if not damages:
            with _temporary_catalog(repository.scratch()) as mirror:
                rebuilt = rebuild_into(mirror, repository.store, packs, broken)
                damages = list(_catalog(repository, mirror, rebuilt))
    return Checked(
        damages=damages,
        packs=len(packs) + len(broken),
        versions=count_versions(repository.catalog),
        leftovers=len(there - known),
    )


@contextmanager
def _temporary_catalog(folder: Path) -> Iterator[Catalog]:
    path = folder / "catalog.db"
    catalog = Catalog.create(path, is_temporary=True)
    try:
        yield catalog
    finally:
        catalog.close()
        durable.remove(path)


def _damaged_settings(layout: Layout) -> Iterable[Damage]:
    for what, read in (
        (layout.format, lambda: check_format(layout)),
        (layout.folder / "config", lambda: read_settings(layout.folder)),
        (layout.staging, lambda: read_staging(layout)),
    ):
        try:
            read()
        except ModelHubError as error:
            yield Damage(what=str(what), problem=str(error), cure="mend the file by hand")


def _behind(repository: BaseRepository) -> Iterable[Damage]:
    try:
        orphans(repository)
    except IntegrityError as error:
        yield Damage(what=str(repository.layout.catalog), problem=str(error), cure=_REBUILD)


def _sqlite(catalog: Catalog) -> Iterable[Damage]:
    problems = catalog.problems()
    if problems:
        yield Damage(what=str(catalog.path), problem="; ".join(problems[:5]), cure=_REBUILD)


def _objects(
    repository: BaseRepository, broken: Mapping[PackId, str], missing: set[PackId]
) -> Iterable[Damage]:
    """Packs that the catalog needs and that are damaged or missing."""
    problems = {**broken, **dict.fromkeys(missing, "the object is missing")}
    for id_, problem in sorted(problems.items()):
        tensors, versions = hit_by(repository.catalog, id_)
        yield Damage(
            what=f"object {id_}",
            problem=problem,
            tensors=tensors,
            versions=versions,
            cure=_REPAIR,
        )


def hit_by(catalog: Catalog, pack_id: str) -> tuple[list[str], list[str]]:
    """Names of tensors that have something in a pack, and the versions that it hits."""
    here = select(pack.c.key).where(pack.c.id == pack_id)
    blobs = select(blob.c.key).where(blob.c.pack.in_(here))
    direct = (
        select(copy.c.tensor)
        .join(segment, segment.c.copy == copy.c.key)
        .where(segment.c.pack.in_(here)),
        select(copy.c.tensor).where(copy.c.block.in_(blobs)),
    )
    need = text(NEEDED).columns(column("tensor"), column("base")).subquery()
    leaning = select(need.c.tensor).where(need.c.base.in_(union(*direct)))
    tensors = union(*direct, leaning)
    names = catalog.rows(
        select(snapshot_tensor.c.name).where(snapshot_tensor.c.tensor.in_(tensors)).distinct()
    )
    files = union(
        select(file_tensor.c.file).where(file_tensor.c.tensor.in_(tensors)),
        select(file_blob.c.file).where(file_blob.c.blob.in_(blobs)),
        select(file.c.key).where(file.c.recipe.in_(blobs)),
    )
    ids = select(blob.c.id).where(blob.c.key.in_(blobs))
    hit = union(
        select(version_file.c.version).where(version_file.c.file.in_(files)),
        select(snapshot.c.version)
        .join(snapshot_tensor, snapshot_tensor.c.snapshot == snapshot.c.key)
        .where(snapshot_tensor.c.tensor.in_(tensors)),
        select(version.c.key).where(
            version.c.id.in_(ids) | version.c.history.in_(ids) | version.c.network.in_(ids)
        ),
        select(version.c.key)
        .join(network, network.c.id == version.c.network)
        .join(network_tensor, network_tensor.c.network == network.c.key)
        .where(network_tensor.c.tensor.in_(tensors)),
    )
    rows = catalog.rows(select(version).where(version.c.key.in_(hit)).order_by(version.c.key))
    return sorted(row.name for row in names), [f"{row.name}@{row.number}" for row in rows]


def _catalog(repository: BaseRepository, mirror: Catalog, rebuilt: Rebuilt) -> Iterable[Damage]:
    """Where the catalog and the objects disagree."""
    for ref, problem in rebuilt.lost.items():
        yield Damage(what=ref, problem=problem, versions=[ref], cure=_REPAIR)
    found: dict[str, list[str]] = defaultdict(list)
    freed = _freed(repository.catalog, mirror)
    for relation, kind, row in differences(repository.catalog, mirror):
        if kind == EXTRA or not (relation in STORAGE or freed & set(row)):
            found[relation].append(f"{kind} {row}")
    for relation, rows in found.items():
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        yield Damage(
            what=f"catalog, relation {relation}",
            problem=f"disagrees with the objects: {rows[0]}{more}",
            cure=_REBUILD,
        )
    yield from _places(repository.catalog, rebuilt)


def _freed(catalog: Catalog, mirror: Catalog) -> set[str]:
    """Versions that `gc` took out of the catalog, and whose bytes have not been overwritten.

    With them, the networks that no other version names.
    """
    columns = select(version.c.id, version.c.network)
    kept = {each for row in catalog.rows(columns) for each in row}
    gone = mirror.rows(columns.where(version.c.removed.is_not(None)))
    return {each for row in gone for each in row} - kept - {None}


def _places(catalog: Catalog, rebuilt: Rebuilt) -> Iterable[Damage]:
    """Entries of the storage index that point where no member lies."""
    members = {
        (each.id, member.offset, member.size, member.checksum)
        for each in rebuilt.packs
        for member in each.footer.members
    }
    yield from _blocks(catalog, rebuilt)
    yield from _copies(catalog, rebuilt)
    for table in (segment, blob):
        query = select(pack.c.id, table.c.offset, table.c.size, table.c.checksum).join(
            pack, pack.c.key == table.c.pack
        )
        astray = [row for row in catalog.rows(query) if tuple(row) not in members]
        if astray:
            yield Damage(
                what=f"catalog, relation {table.name}",
                problem=f"{len(astray)} entries point where no member lies, the first at "
                f"{astray[0].offset} of object {astray[0].id[:12]}",
                cure=_REBUILD,
            )


def _blocks(catalog: Catalog, rebuilt: Rebuilt) -> Iterable[Damage]:
    """Small tensors that are looked for where their block does not hold them."""
    held = {
        (each.footer.tensors[index].info.id, member.id, offset)
        for each in rebuilt.packs
        for member in each.footer.members
        if isinstance(member, BlobMember)
        for index, offset in member.tensors
    }
    query = (
        select(tensor.c.id, blob.c.id.label("block"), copy.c.block_offset)
        .join(copy, copy.c.tensor == tensor.c.key)
        .join(blob, blob.c.key == copy.c.block)
    )
    astray = [row.id for row in catalog.rows(query) if tuple(row) not in held]
    if astray:
        yield Damage(
            what="catalog, relation copy",
            problem=f"{len(astray)} small tensors are not where it says, {astray[0][:12]} first",
            cure=_REBUILD,
        )


def _copies(catalog: Catalog, rebuilt: Rebuilt) -> Iterable[Damage]:
    """Copies that no object holds: another encoding, base or number than it says.

    Which of several copies is read is the catalog's choice; one that is freed and not yet
    overwritten is such another.
    """
    held = {
        (each.footer.tensors[entry.tensor].info.id, entry.encoding, entry.base, entry.copy)
        for each in rebuilt.packs
        for entry in each.footer.copies
    }
    query = select(tensor.c.id, copy.c.encoding, copy.c.base, copy.c.number).join(
        copy, copy.c.tensor == tensor.c.key
    )
    whole = query.where(copy.c.block.is_(None), copy.c.groups > 0)
    astray = [row.id for row in catalog.rows(whole) if tuple(row) not in held]
    if astray:
        yield Damage(
            what="catalog, relation copy",
            problem=f"{len(astray)} tensors are stored otherwise, {astray[0][:12]} first",
            cure=_REBUILD,
        )


def rebuild(root: Path, *, progress: Progress | None = None) -> Rebuilt:
    """Make the catalog of the repository in `root` again from its objects.

    The old catalog is kept as `catalog.db.old`.

    Raises:
        NotARepositoryError: there is no repository in `root`.
        LockedError: others are writing.
    """
    layout = Layout(root.absolute() / FOLDER)
    check_format(layout)
    with locks.writing(layout, "fsck --rebuild", exclusive=True) as scratch:
        store = DirectoryStore(layout.objects, lambda: scratch)
        fresh = scratch / "catalog.db"
        catalog = Catalog.create(fresh)
        packs, broken = read_packs(store, store.ids(), progress)
        found = rebuild_into(catalog, store, packs, broken)
        catalog.checkpoint()
        catalog.close()
        _swap(layout, fresh)
    return found


def _swap(layout: Layout, fresh: Path) -> None:
    """Put a new catalog in the place of the old one, of which a copy is kept.

    The old one's journal must not be replayed into the new one. It is folded into the old one
    first; where that fails the old catalog is damaged, and none is better than half of one.
    """
    old = layout.catalog.with_name("catalog.db.old")
    if layout.catalog.exists():
        if _fold_journal(layout.catalog):
            durable.keep_copy(layout.catalog, old)
        else:
            durable.rename(layout.catalog, old)
    for suffix in ("-wal", "-shm", "-journal"):
        durable.remove(layout.catalog.with_name(layout.catalog.name + suffix))
    durable.rename(fresh, layout.catalog)


def _fold_journal(path: Path) -> bool:
    """Move everything of a catalog into its one file; whether that could be done."""
    catalog = Catalog(path)
    try:
        catalog.checkpoint()
    except ModelHubError:
        return False
    else:
        return True
    finally:
        catalog.close()
