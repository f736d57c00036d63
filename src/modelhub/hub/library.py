"""What a hub holds: a remote for each namespace, and who may see which of its models.

The remotes are the truth (docs/spec/sync.md §7); the database knows what their refs lead to, and
learns it again where it lags behind, as after a crash between the two.
"""

import hashlib
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, true, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from modelhub.dlv.revisions import check_name
from modelhub.dlv.versions import VersionFile
from modelhub.durable import Buffer
from modelhub.errors import (
    AccessError,
    IntegrityError,
    ModelHubError,
    NotFoundError,
    StorageError,
)
from modelhub.hub.accounts import Accounts, Caller, check_account
from modelhub.hub.database import Database
from modelhub.hub.schema import digest as digests
from modelhub.hub.schema import model as models
from modelhub.hub.schema import reach
from modelhub.hub.schema import version as versions
from modelhub.network import Network
from modelhub.pas import check_pack_id
from modelhub.remotes import (
    FolderRemote,
    Track,
    TrackEntry,
    View,
    packs_with_more,
    read_parcel,
    read_track,
    view,
)
from modelhub.values import PackId, VersionId

MANY = 500  # rows of one statement
MAX_VERSIONS = 100_000  # of a model (docs/spec/sync.md §3)
_ID_START = 7  # digits of an id that may stand for it


@dataclass(frozen=True, slots=True, kw_only=True)
class HubVersion:
    """A version as a hub shows it; the fields are those of `schema.version`."""

    namespace: str
    model: str
    number: int
    id: VersionId
    parcel: PackId
    created: str
    author: str
    message: str
    tags: Sequence[str]
    metrics: Mapping[str, float]
    settings: Mapping[str, Any]
    templates: Mapping[str, int]
    parameters: int
    size: int
    files: int
    is_public: bool


class Library:
    """The models of a hub. Every method takes who asks, and does what they may.

    Args:
        folder: of the hub's data.
        database: of the hub.
        accounts: whose namespaces there are.
    """

    def __init__(self, folder: Path, database: Database, accounts: Accounts) -> None:
        self._folder = folder / "namespaces"
        self._database = database
        self._accounts = accounts
        self._behind = ThreadPoolExecutor(1, "modelhub-behind")
        self._is_closed = False

    def close(self) -> None:
        """Stop what goes on behind requests; it is done when it is asked for, at the latest."""
        self._is_closed = True
        self._behind.shutdown(cancel_futures=True)

    # Reading

    def models(self, caller: Caller | None, namespace: str) -> dict[str, bool]:
        """The models of a namespace that the caller may read, and whether everybody may."""
        remote = self._remote(namespace)
        names = set(remote.models())
        for name in names:
            self._learn(remote, namespace, name)
        query = select(models.c.name, models.c.is_public).where(
            models.c.namespace == namespace, readable(caller)
        )
        with self._database.reading() as connection:
            found = {row.name: row.is_public for row in connection.execute(query)}
        return {name: is_public for name, is_public in found.items() if name in names}

    def ref(self, caller: Caller | None, namespace: str, name: str) -> PackId | None:
        """The track of a model; None if there is none, or the caller may not read it."""
        remote = self._remote(namespace)
        if self._learn(remote, namespace, check_name(name)) is None:
            return None
        return remote.ref(name) if self._may_read(caller, namespace, name) else None

    def file_of(self, caller: Caller | None, namespace: str, id_: PackId) -> Path:
        """Where an object lies, for whoever may read a model that leads to it, or owns it.

        Raises:
            NotFoundError: it is not there, or the caller may not read it.
        """
        check_pack_id(id_)
        remote = self._remote(namespace)
        if not may_write(caller, namespace) and not self._reaches(caller, namespace, id_):
            raise NotFoundError(f"object {id_[:12]} is not there")
        return remote.file_of(id_)

    def versions(
        self, caller: Caller | None, *conditions: ColumnElement[bool], most: int = 1000
    ) -> list[HubVersion]:
        """Versions that the caller may read, the newest first."""
        return self._selected(readable(caller), *conditions, most=most)

    def _selected(self, *conditions: ColumnElement[bool], most: int = 1000) -> list[HubVersion]:
        query = (
            select(models.c.namespace, models.c.name.label("model_name"), models.c.is_public)
            .add_columns(versions)
            .join(versions, versions.c.model == models.c.key)
            .where(*conditions)
            .order_by(versions.c.created.desc(), models.c.name, versions.c.number.desc())
            .limit(most)
        )
        with self._database.reading() as connection:
            return [_shown(row) for row in connection.execute(query)]

    def version(
        self, caller: Caller | None, namespace: str, name: str, revision: str
    ) -> HubVersion:
        """A version of a model: `latest`, a number, a tag, or an id or the start of one.

        Raises:
            NotFoundError: there is none, or the caller may not read it.
        """
        found = self.versions_of(caller, namespace, name)
        for each in found:
            if revision in {"latest", str(each.number), *each.tags}:
                return each
        alike = [
            each for each in found if len(revision) >= _ID_START and each.id.startswith(revision)
        ]
        if len(alike) != 1:
            raise NotFoundError(f"{namespace}/{name} has no version {revision!r:.80}")
        return alike[0]

    def versions_of(self, caller: Caller | None, namespace: str, name: str) -> list[HubVersion]:
        """The versions of a model, by number, the greatest first.

        Raises:
            NotFoundError: there is no such model, or the caller may not read it.
        """
        if self.ref(caller, namespace, name) is None:
            raise NotFoundError(f"there is no model {namespace}/{name}")
        found = self.versions(
            caller, models.c.namespace == namespace, models.c.name == name, most=MAX_VERSIONS
        )
        return sorted(found, key=lambda each: -each.number)

    @contextmanager
    def opened(self, version: HubVersion) -> Iterator[View]:
        """Read a version that the caller was shown."""
        entry = TrackEntry(number=version.number, version=version.id, parcel=version.parcel)
        with view(self._remote(version.namespace), version.model, entry) as found:
            yield found

    def sha256_of(self, version: HubVersion, file: VersionFile) -> str:
        """The SHA-256 of a file of a version that the caller was shown.

        Cost: the first time, the whole file is decoded; that is begun when a version arrives.
        """
        with self._database.reading() as connection:
            query = select(digests.c.sha256).where(digests.c.file == file.id)
            known: str | None = connection.execute(query).scalar()
        if known is not None:
            return known
        hashed = hashlib.sha256()
        with self.opened(version) as found:
            for part in found.file(file):
                if self._is_closed:
                    raise StorageError("the hub is being stopped; ask again when it is back")
                hashed.update(part)
        row = {"file": file.id, "sha256": hashed.hexdigest()}
        with self._database.writing() as connection:
            connection.execute(insert_or(digests).on_conflict_do_nothing(), row)
        return hashed.hexdigest()

    # Writing

    def missing(self, caller: Caller | None, namespace: str, ids: Sequence[PackId]) -> set[PackId]:
        """Which objects a namespace lacks; for its owner."""
        return self._remote_for_writing(caller, namespace).missing(ids)

    def put(self, caller: Caller | None, namespace: str, id_: PackId, data: Buffer) -> None:
        """Store an object.

        Raises:
            InputError: its bytes have another name.
        """
        check_pack_id(id_)
        remote = self._remote_for_writing(caller, namespace)
        remote.put(data, id_)

    def swap(
        self, caller: Caller | None, namespace: str, name: str, old: PackId | None, new: PackId
    ) -> None:
        """Move a ref. What the new track adds is read before: a hub shows what it holds.

        Raises:
            ConflictError: the ref is another one now.
            IntegrityError: something is missing or not as it must be.
        """
        remote = self._remote_for_writing(caller, namespace)

        def check(remote: FolderRemote, before: Track, after: Track) -> None:
            known = {each.version for each in before.versions}
            fresh = [each for each in after.versions if each.version not in known]
            try:
                strangers = packs_with_more(remote, after.name, fresh)
            except NotFoundError as error:
                raise IntegrityError(f"{name} was not published: {error}") from error
            with self._database.reading() as connection:
                row = _model(connection, namespace, name)
            if row is not None and row.is_public:
                self._check_open(namespace, after.name, strangers)

        known = set() if old is None else self._numbers_of(namespace, name)
        remote.swap(check_name(name), old, new, check=check)
        self._learn(remote, namespace, name)
        for number in self._numbers_of(namespace, name) - known:
            self._behind.submit(self._hash_files, namespace, name, number)

    def set_public(
        self, caller: Caller | None, namespace: str, name: str, *, is_public: bool
    ) -> None:
        """Let everybody read a model, or only its owner.

        Raises:
            NotFoundError: there is no such model.
            IntegrityError: everybody would read more than its versions, since it shares packs
                with models that only their owner reads.
        """
        remote = self._remote_for_writing(caller, namespace)
        with remote.alone():  # else a version could arrive between the check and the change
            if self._learn(remote, namespace, check_name(name)) is None:
                raise NotFoundError(f"there is no model {namespace}/{name}")
            if is_public:
                track = read_track(remote, name)[1]
                self._check_open(namespace, name, packs_with_more(remote, name, track.versions))
            with self._database.writing() as connection:
                connection.execute(
                    update(models)
                    .where(models.c.namespace == namespace, models.c.name == name)
                    .values(is_public=is_public)
                )

    def catch_up(self) -> None:
        """Compare the database with all refs, as after a crash, or a restore from a backup.

        A model that is damaged is left as it is known; whoever asks for it is told.
        """
        for namespace in self._accounts.names():
            remote = self._remote(namespace)
            for name in remote.models():
                with suppress(ModelHubError):
                    self._learn(remote, namespace, name)

    def catch_up_behind(self) -> None:
        """The same behind requests."""
        self._behind.submit(self.catch_up)

    def _check_open(self, namespace: str, name: str, strangers: set[PackId]) -> None:
        """Whether packs that everybody is to read hold nothing but what they may read.

        Args:
            namespace: of the model.
            name: of the model.
            strangers: packs that hold more than the model needs; those of other models that
                everybody reads may.
        """
        query = (
            select(reach.c.object)
            .join(models, models.c.key == reach.c.model)
            .where(models.c.namespace == namespace, models.c.is_public)
        )
        with self._database.reading() as connection:
            opened = {PackId(each.hex()) for each in connection.execute(query).scalars()}
        if strangers - opened:
            raise IntegrityError(
                f"{namespace}/{name} shares packs with models that only their owner reads, which "
                "everybody would read, too; publish it with --public under a name of its own: "
                "dlv copy"
            )

    # What the database knows

    def _learn(self, remote: FolderRemote, namespace: str, name: str) -> int | None:
        """The key of a model, whose track the database knows afterwards; None without a ref."""
        with self._database.reading() as connection:
            known = _model(connection, namespace, name)
        ref = remote.ref(name)
        if ref is None:
            return None
        if known is not None and known.track == ref:
            return int(known.key)
        ref, track = read_track(remote, name)
        assert ref is not None
        seen = set() if known is None else self._numbers(known.key)
        fresh = [each for each in track.versions if each.number not in seen]
        rows = [_row(remote, track, each) for each in fresh]
        objects = {ref} | {each.parcel for each in fresh}
        for each in fresh:
            objects |= set(read_parcel(remote, each.parcel).packs)
        with self._database.writing() as connection:
            return _written(connection, namespace, track, ref=ref, rows=rows, objects=objects)

    def _numbers_of(self, namespace: str, name: str) -> set[int]:
        with self._database.reading() as connection:
            known = _model(connection, namespace, name)
        return set() if known is None else self._numbers(known.key)

    def _numbers(self, key: int) -> set[int]:
        with self._database.reading() as connection:
            query = select(versions.c.number).where(versions.c.model == key)
            return set(connection.execute(query).scalars())

    def _may_read(self, caller: Caller | None, namespace: str, name: str) -> bool:
        query = select(models.c.key).where(
            models.c.namespace == namespace, models.c.name == name, readable(caller)
        )
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _reaches(self, caller: Caller | None, namespace: str, id_: PackId) -> bool:
        query = (
            select(models.c.key)
            .join(reach, reach.c.model == models.c.key)
            .where(reach.c.object == bytes.fromhex(id_), models.c.namespace == namespace)
            .where(readable(caller))
        )
        with self._database.reading() as connection:
            return connection.execute(query).first() is not None

    def _hash_files(self, namespace: str, name: str, number: int) -> None:
        """Hash the files of a version, before anybody asks; what fails is told who asks."""
        with suppress(ModelHubError):
            here = (models.c.namespace == namespace, models.c.name == name)
            for version in self._selected(*here, versions.c.number == number):
                with self.opened(version) as found:
                    files = found.needs.manifest.content.files
                for file in files:
                    self.sha256_of(version, file)

    # Remotes

    def _remote(self, namespace: str) -> FolderRemote:
        """The remote of a namespace, which is as old as its account."""
        check_account(namespace)
        if not self._accounts.exists(namespace):
            raise NotFoundError(f"there is no namespace {namespace}")
        folder = self._folder / namespace
        return FolderRemote.create(folder)

    def _remote_for_writing(self, caller: Caller | None, namespace: str) -> FolderRemote:
        if caller is None:
            raise AccessError("log in to publish: dlv auth login")
        if not caller.may_write:
            raise AccessError(f"this token of {caller.name} may read only; use another one")
        if not may_write(caller, namespace):
            raise AccessError(f"{caller.name} may not publish in the namespace {namespace}")
        return self._remote(namespace)


def may_write(caller: Caller | None, namespace: str) -> bool:
    """Whether the caller may publish in a namespace."""
    return caller is not None and caller.may_write and (caller.is_admin or caller.name == namespace)


def readable(caller: Caller | None) -> ColumnElement[bool]:
    """Which rows of `schema.model` the caller may read: the one place that decides it."""
    if caller is None:
        return models.c.is_public
    return true() if caller.is_admin else or_(models.c.is_public, models.c.namespace == caller.name)


def _model(connection: Connection, namespace: str, name: str) -> Any:
    query = select(models).where(models.c.namespace == namespace, models.c.name == name)
    return connection.execute(query).first()


def _written(
    connection: Connection,
    namespace: str,
    track: Track,
    *,
    ref: PackId,
    rows: Sequence[dict[str, Any]],
    objects: set[PackId],
) -> int:
    """A track as the database has it afterwards; the key of its model."""
    known = _model(connection, namespace, track.name)
    values = {"track": ref, "updated": int(time.time())}
    if known is None:
        done = connection.execute(
            insert(models).values(namespace=namespace, name=track.name, is_public=False, **values)
        )
        assert done.inserted_primary_key is not None
        key = int(done.inserted_primary_key[0])
    else:
        key = int(known.key)
        connection.execute(update(models).where(models.c.key == key).values(values))
    _insert(connection, versions, [{"model": key, **row} for row in rows])
    _insert(connection, reach, [{"model": key, "object": bytes.fromhex(o)} for o in objects])
    mine = versions.c.model == key
    connection.execute(update(versions).where(mine, versions.c.tags != "[]").values(tags="[]"))
    for id_ in set(track.tags.values()):
        tags = json.dumps(sorted(tag for tag, each in track.tags.items() if each == id_))
        connection.execute(update(versions).where(mine, versions.c.id == id_).values(tags=tags))
    return key


def _insert(connection: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Rows that are there already stay."""
    for start in range(0, len(rows), MANY):
        connection.execute(insert_or(table).on_conflict_do_nothing(), rows[start : start + MANY])


def _row(remote: FolderRemote, track: Track, entry: TrackEntry) -> dict[str, Any]:
    """A version as `schema.version` has it, but for its model."""
    with view(remote, track.name, entry) as found:
        manifest, network = found.needs.manifest, found.needs.network
        content = manifest.content
        templates = _templates(network)
        last = content.snapshots[-1].tensors if content.snapshots else ()
        words = [track.name, manifest.author, manifest.message, *content.hyperparameters]
        words += [*templates, *map(str, content.hyperparameters.values()), *content.metrics]
        return {
            "number": entry.number,
            "id": entry.version,
            "parcel": entry.parcel,
            "created": manifest.created,
            "author": manifest.author,
            "message": manifest.message,
            "tags": "[]",
            "metrics": json.dumps(dict(content.metrics)),
            "settings": json.dumps(dict(content.hyperparameters), default=list),
            "templates": json.dumps(templates),
            "parameters": sum(math.prod(each.info.shape) for each in last),
            "size": found.needs.raw_size,
            "files": len(content.files),
            "words": " ".join(words).casefold(),
        }


def _templates(network: Network | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for node in network.nodes if network else ():
        if node.template and not node.plumbing:
            found[node.template] = found.get(node.template, 0) + 1
    return found


def _shown(row: Any) -> HubVersion:
    return HubVersion(
        namespace=row.namespace,
        model=row.model_name,
        number=row.number,
        id=VersionId(row.id),
        parcel=PackId(row.parcel),
        created=row.created,
        author=row.author,
        message=row.message,
        tags=json.loads(row.tags),
        metrics=json.loads(row.metrics),
        settings=json.loads(row.settings),
        templates=json.loads(row.templates),
        parameters=row.parameters,
        size=row.size,
        files=row.files,
        is_public=row.is_public,
    )
