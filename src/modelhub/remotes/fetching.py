"""dlv fetch: versions of a remote into the repository; nothing is believed (sync.md §6)."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from modelhub.dlv import locks
from modelhub.dlv.base import BaseRepository, Draft
from modelhub.dlv.catalog.insertion import Recipe, add_version, next_number
from modelhub.dlv.catalog.networks import add_network
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.schema import tag as tag_table
from modelhub.dlv.catalog.schema import version as version_table
from modelhub.dlv.catalog.storage import register
from modelhub.dlv.catalog.versions import ref_of, version_row
from modelhub.dlv.maintenance import merge_small_packs
from modelhub.dlv.manifest import content_json
from modelhub.dlv.versions import VersionRef
from modelhub.errors import NotFoundError
from modelhub.identity import blob_id, canonical_json
from modelhub.pas import (
    ArchiveWriter,
    DirectoryStore,
    WrittenPack,
    blob_member,
    tensor_members,
    write_members,
)
from modelhub.remotes.anew import encode_blobs, encode_tensors
from modelhub.remotes.documents import Track, TrackEntry
from modelhub.remotes.incoming import Incoming, check, download
from modelhub.remotes.needs import Needs
from modelhub.remotes.remote import Remote, read_parcel
from modelhub.values import BlobId, Progress

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedVersion:
    """A version of a remote that is here.

    Attributes:
        version: as it is called here.
        number: its number there.
        created: whether it was not here before.
        raw_size: bytes of its files; 0 if it was here.
        received: bytes that travelled for it.
    """

    version: VersionRef
    number: int
    created: bool
    raw_size: int
    received: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The outcome of a fetch: where from, which versions, and what was left as it is here."""

    remote: str
    versions: Sequence[FetchedVersion]
    notes: Sequence[str] = ()


def fetch(
    repository: BaseRepository,
    remote: Remote,
    wanted: Iterable[tuple[Track, Sequence[TrackEntry]]],
    *,
    progress: Progress | None = None,
) -> Fetched:
    """Bring versions into the repository; what it has of them does not travel.

    Everything that is kept was decoded and compared with its hash before. Cut off at any
    instant, it goes on where it stopped when it is run again.

    Args:
        repository: where to.
        remote: where from.
        wanted: tracks, and which of their versions.
        progress: told of bytes as they arrive, and of tensors and files as they are checked.

    Raises:
        NotFoundError: something is missing on the remote.
        IntegrityError: the remote gave wrong bytes; nothing of that version was taken.
    """
    versions, notes = [], []
    for track, entries in wanted:
        for entry in entries:
            done, said = _fetch(repository, remote, track, entry, progress)
            versions.append(done)
            notes += said
    if any(each.created for each in versions):
        _tidy(repository)
    return Fetched(remote=remote.url, versions=versions, notes=notes)


def _fetch(
    repository: BaseRepository,
    remote: Remote,
    track: Track,
    entry: TrackEntry,
    progress: Progress | None,
) -> tuple[FetchedVersion, list[str]]:
    for attempt in range(1, TRIES + 1):
        row = version_row(repository.catalog, entry.version)
        tags = [tag for tag, version in track.tags.items() if version == entry.version]
        if row is not None:
            ref, notes = _known(repository, row, tags)
            return _outcome(ref, entry), notes
        try:
            with repository.writing("fetch"):
                parcel = read_parcel(remote, entry.parcel)
                if parcel.version != entry.version:
                    raise NotFoundError(f"{remote.url}: the parcel of {entry.version[:12]} is lost")
                incoming = download(repository, remote, track.name, parcel, progress)
                with incoming.reader:
                    check(incoming, repository, progress)
                    ref, notes = _take(repository, incoming, entry, tags)
        except Vanished:  # `gc` freed what was here when this began
            if attempt == TRIES:
                raise
            continue
        size, received = incoming.needs.raw_size, incoming.received
        return _outcome(ref, entry, raw_size=size, received=received, created=True), notes
    raise AssertionError


def _tidy(repository: BaseRepository) -> None:
    """Take away what was downloaded, unless another process may be at it."""
    with repository.writing("fetch"):
        layout = repository.layout
        others = [each for each in locks.owners(layout) if each.pid != os.getpid()]
        transit = DirectoryStore(layout.transit, repository.scratch)
        for id_ in [] if others else list(transit.ids()):
            transit.delete(id_)
    merge_small_packs(repository)


def _outcome(
    ref: VersionRef,
    entry: TrackEntry,
    *,
    raw_size: int = 0,
    received: int = 0,
    created: bool = False,
) -> FetchedVersion:
    return FetchedVersion(
        version=ref, number=entry.number, created=created, raw_size=raw_size, received=received
    )


def _known(
    repository: BaseRepository, row: Any, tags: Sequence[str]
) -> tuple[VersionRef, list[str]]:
    """A version that is here gets the tags that it lacks, and is restored if it was removed."""
    ref = ref_of(row)

    def compose(connection: Connection, _writer: ArchiveWriter) -> Draft[None]:
        records = [*_tag_records(connection, ref, tags)[0], *restored]
        return Draft(records=records, insert=lambda _connection: None, value=None)

    restored = [] if row.removed is None else [{"kind": "restore", "version": ref.id}]
    with repository.catalog.write() as connection:
        records, notes = _tag_records(connection, ref, tags)
    if records or restored:
        with repository.writing("fetch"), repository.writer() as writer:
            repository.publish(writer, compose)
    return ref, notes


def _tag_records(
    connection: Connection, ref: VersionRef, tags: Sequence[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Records of the tags that are free here; a note for each that is not."""
    query = (
        select(tag_table.c.tag, version_table.c.id)
        .join(version_table, version_table.c.key == tag_table.c.version)
        .where(tag_table.c.name == ref.name)
    )
    here = {row.tag: row.id for row in connection.execute(query)}
    records, notes = [], []
    for tag in tags:
        if tag not in here:
            records.append({"kind": "tag", "name": ref.name, "tag": tag, "version": ref.id})
        elif here[tag] != ref.id:
            notes.append(f"the tag {ref.name}@{tag} names another version here, and was left so")
    return records, notes


def _take(
    repository: BaseRepository, incoming: Incoming, entry: TrackEntry, tags: Sequence[str]
) -> tuple[VersionRef, list[str]]:
    """Copy what was checked into packs of the repository, and make the version visible."""
    needs, plan = incoming.needs, incoming.plan
    members = [
        *(m for stored in plan.tensors for m in tensor_members(incoming.store, stored)),
        *(blob_member(incoming.store, stored) for stored in plan.blobs),
    ]
    packs = list(write_members(repository.store, members))
    with repository.writer() as writer:
        encode_tensors(plan.tensors_anew, incoming.reader, incoming.index, writer)
        encode_blobs(plan.blobs_anew, needs, incoming.reader, writer)

        def compose(
            connection: Connection, writer: ArchiveWriter
        ) -> Draft[tuple[VersionRef, list[str]]]:
            # Together: what is copied may be based on what was encoded anew.
            everything = [*writer.packs, *packs]
            return _draft(connection, needs, everything, repository, number=entry.number, tags=tags)

        return repository.publish(writer, compose)


def _draft(
    connection: Connection,
    needs: Needs,
    packs: Sequence[WrittenPack],
    repository: BaseRepository,
    *,
    number: int,
    tags: Sequence[str],
) -> Draft[tuple[VersionRef, list[str]]]:
    name = needs.manifest.name
    # The number that it has on the remote, if no later version was ever here.
    number = max(number, next_number(connection, name))
    ref = VersionRef(id=needs.version, name=name, number=number)
    records, notes = _tag_records(connection, ref, tags)

    def insert(connection: Connection) -> None:
        register(connection, packs, outside=repository.index)
        content = needs.manifest.content
        if content.network is not None and needs.network is not None:
            add_network(connection, BlobId(content.network), needs.network)
        add_version(
            connection,
            ref,
            needs.manifest,
            content=blob_id(canonical_json(content_json(content))),
            recipes=_recipes(needs),
        )

    commit = {"kind": "commit", "version": ref.id, "name": name, "number": number}
    return Draft(records=[commit, *records], insert=insert, value=(ref, notes))


def _recipes(needs: Needs) -> list[Recipe]:
    return [
        Recipe(
            file=recipe.file,
            size=recipe.size,
            recipe=blob,
            tensors=recipe.tensors,
            blobs=recipe.blobs,
        )
        for blob, recipe in needs.recipes.items()
    ]
