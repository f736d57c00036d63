"""Make the catalog again from the objects alone (docs/spec/repository.md §6)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.index import CatalogIndex
from modelhub.dlv.catalog.insertion import Recipe, add_version
from modelhub.dlv.catalog.networks import add_network
from modelhub.dlv.catalog.records import apply_record
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.schema import blob, counter
from modelhub.dlv.catalog.storage import register
from modelhub.dlv.manifest import content_json, parse_manifest
from modelhub.dlv.recipe import parse_recipe
from modelhub.dlv.versions import Manifest, VersionRef
from modelhub.errors import IntegrityError, ModelHubError
from modelhub.identity import blob_id, canonical_json
from modelhub.network import parse_network
from modelhub.pas import ArchiveReader, ObjectStore, WrittenPack, check_pack, read_footer
from modelhub.values import BlobId, FileId, PackId, Progress, VersionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What the objects hold.

    Attributes:
        packs: the packs that were read.
        versions: how many versions were found.
        damaged: packs that could not be read, with the reason.
        lost: versions whose record is there and whose content is not, with the reason.
    """

    packs: Sequence[WrittenPack]
    versions: int
    damaged: Mapping[PackId, str]
    lost: Mapping[str, str]

    @property
    def summary(self) -> "RebuiltSummary":
        """The same in numbers."""
        return RebuiltSummary(
            packs=len(self.packs), versions=self.versions, damaged=self.damaged, lost=self.lost
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuiltSummary:
    """What a rebuild found, without the packs themselves; fields as of `Rebuilt`."""

    packs: int
    versions: int
    damaged: Mapping[PackId, str]
    lost: Mapping[str, str]


def rebuild_into(
    catalog: Catalog,
    store: ObjectStore,
    packs: Sequence[WrittenPack],
    damaged: Mapping[PackId, str],
) -> Rebuilt:
    """Fill an empty catalog from packs that `read_packs` has read."""
    with catalog.write() as connection:
        register(connection, packs)
    rebuilding = _Rebuilding(catalog, ArchiveReader(store, CatalogIndex(catalog)))
    versions = rebuilding.run()
    return Rebuilt(packs=packs, versions=versions, damaged=damaged, lost=rebuilding.lost)


def read_packs(
    store: ObjectStore, ids: Iterable[PackId], progress: Progress | None = None
) -> tuple[list[WrittenPack], dict[PackId, str]]:
    """Read packs whole and compare them with their names; those that are right, and those not.

    Args:
        store: where they are.
        ids: which.
        progress: told of packs as they are read.
    """
    packs, damaged = [], {}
    wanted = list(ids)
    for done, id_ in enumerate(wanted, start=1):
        try:
            check_pack(store, id_)
            packs.append(WrittenPack(id=id_, size=store.size(id_), footer=read_footer(store, id_)))
        except ModelHubError as error:
            damaged[id_] = str(error)
        if progress is not None:
            progress("reading objects", done, len(wanted))
    return packs, damaged


class _Rebuilding:
    """Applies all records, in their order, to a catalog whose packs are registered."""

    def __init__(self, catalog: Catalog, reader: ArchiveReader) -> None:
        self.catalog = catalog
        self.reader = reader
        self.lost: dict[str, str] = {}
        self.networks: set[str | None] = set()  # that are in the catalog
        self.recipes: dict[FileId, list[BlobId]] = {}

    def run(self) -> int:
        for row in self.catalog.rows(select(blob.c.file, blob.c.id).where(blob.c.role == "recipe")):
            self.recipes.setdefault(row.file, []).append(row.id)
        records = self._records()
        removed = _removed(records)
        last_commits = {r["version"]: r["seq"] for r, _ in records if r["kind"] == "commit"}
        versions = 0
        for record, id_ in records:
            # A version that was freed, and fetched again, has several; the last one counts.
            if record["kind"] == "commit" and last_commits[record["version"]] == record["seq"]:
                versions += self._commit(record, is_removed=record["version"] in removed)
            with self.catalog.write() as connection:
                apply_record(connection, record, id_)
        with self.catalog.write() as connection:
            last = max((record["seq"] for record, _ in records), default=0)
            connection.execute(update(counter).values(seq=last))
        return versions

    def _records(self) -> list[tuple[Mapping[str, Any], BlobId]]:
        """All records in order, without those that a later one proves unpublished."""
        query = select(blob.c.id).where(blob.c.role == "record")
        found = []
        for row in self.catalog.rows(query):
            try:
                found.append((_parse_record(self.reader.blob(row.id)), BlobId(row.id)))
            except ModelHubError as error:
                self.lost[f"record {row.id[:12]}"] = str(error)
        found.sort(key=lambda pair: (pair[0]["seq"], pair[1]))
        return _published(found)

    def _commit(self, record: Mapping[str, Any], *, is_removed: bool) -> int:
        """Insert the version that a record names; 1 if it is there."""
        id_ = VersionId(record["version"])
        ref = VersionRef(id=id_, name=record["name"], number=record["number"])
        try:
            manifest = parse_manifest(self.reader.blob(BlobId(id_)), id_)
            recipes = [self._recipe(file.id) for file in manifest.content.files]
            with self.catalog.write() as connection:
                self._insert(connection, ref, manifest, recipes)
            self.networks.add(manifest.content.network)
        except (ModelHubError, Vanished) as error:
            # What `gc` freed after a `remove` is not lost.
            if not is_removed:
                self.lost[str(ref)] = str(error) or "something that it refers to is missing"
            return 0
        return 1

    def _insert(
        self,
        connection: Connection,
        ref: VersionRef,
        manifest: Manifest,
        recipes: Sequence[Recipe],
    ) -> None:
        content = blob_id(canonical_json(content_json(manifest.content)))
        id_ = manifest.content.network
        if id_ is not None and id_ not in self.networks:
            add_network(connection, BlobId(id_), parse_network(self.reader.blob(BlobId(id_))))
        add_version(connection, ref, manifest, content=content, recipes=recipes)

    def _recipe(self, file: FileId) -> Recipe:
        for id_ in self.recipes.get(file, []):
            found = parse_recipe(self.reader.blob(id_))
            if found.file == file:
                return Recipe(
                    file=file,
                    size=found.size,
                    recipe=id_,
                    tensors=found.tensors,
                    blobs=found.blobs,
                )
        raise IntegrityError(f"the recipe of file {file[:12]} is missing")


Record = tuple[Mapping[str, Any], BlobId]


def _removed(records: Sequence[Record]) -> set[str]:
    """The ids of versions that are removed when all records are applied."""
    gone: set[str] = set()
    for record, _ in records:
        if record["kind"] == "remove":
            gone.add(record["version"])
        elif record["kind"] in {"restore", "commit"}:
            gone.discard(record["version"])
    return gone


def _published(records: Sequence[Record]) -> list[Record]:
    """Without a commit whose number a later record took: it was never reported."""
    last = {
        (record["name"], record["number"]): record["seq"]
        for record, _ in records
        if record["kind"] == "commit"
    }
    return [
        (record, id_)
        for record, id_ in records
        if record["kind"] != "commit" or last[record["name"], record["number"]] == record["seq"]
    ]


_COMMON: dict[str, type] = {"seq": int, "kind": str, "time": str}
_KEYS: dict[str, dict[str, type]] = {
    "commit": {"version": str, "name": str, "number": int},
    "remove": {"version": str},
    "restore": {"version": str},
    "tag": {"name": str, "tag": str},
    "alias": {"name": str, "alias": str},
    "annotate": {"version": str, "metrics": dict, "notes": dict},
}


def _parse_record(raw: bytes) -> Mapping[str, Any]:
    """A record, checked.

    Raises:
        IntegrityError: it is not what the format says.
    """
    try:
        found = json.loads(raw)
        expected = {**_COMMON, **_KEYS.get(found["kind"], {})}
        wrong = [key for key, kind in expected.items() if type(found[key]) is not kind]
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"a record is not valid ({error!r})") from error
    if wrong:
        raise IntegrityError(f"a record is not valid (its {wrong[0]} is {found[wrong[0]]!r})")
    checked: Mapping[str, Any] = found
    return checked
