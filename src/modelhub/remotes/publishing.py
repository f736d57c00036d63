"""dlv publish: versions onto a remote, of which only what it lacks travels (sync.md §4)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import recipe_of, tags_of, version_row
from modelhub.dlv.versions import VersionRef
from modelhub.durable import Buffer
from modelhub.errors import ConflictError, IntegrityError, NotFoundError
from modelhub.pas import (
    ArchiveWriter,
    DirectoryStore,
    MemoryIndex,
    Transfer,
    blob_member,
    plan_transfer,
    tensor_members,
    write_members,
)
from modelhub.remotes.anew import encode_blobs, encode_tensors
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import Parcel, Track, TrackEntry, object_id
from modelhub.remotes.needs import Needs, needs_of
from modelhub.remotes.remote import Remote, read_parcel, read_track
from modelhub.values import PackId, Progress, TensorId, VersionId

TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedVersion:
    """A version on a remote.

    Attributes:
        version: as it is called here.
        number: its number there.
        created: whether it was not there before.
        raw_size: bytes of its files.
        sent: bytes that travelled for it.
    """

    version: VersionRef
    number: int
    created: bool
    raw_size: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The outcome of a publish: where, and which versions."""

    remote: str
    versions: Sequence[PublishedVersion]


def publish(
    repository: BaseRepository,
    refs: Sequence[VersionRef],
    remote: Remote,
    *,
    progress: Progress | None = None,
) -> Published:
    """Put versions onto a remote, with their tags; what is there already is not sent.

    Cut off at any instant, it goes on where it stopped when it is run again.

    Args:
        repository: where from.
        refs: which versions.
        remote: where to.
        progress: told of bytes as they are sent.

    Raises:
        ConflictError: a tag names another version there, or others publish the same model all
            the time.
        IntegrityError: stored bytes are damaged, here or there.
    """
    publisher = _Publisher(repository, remote, progress)
    with repository.writing("publish"):
        ordered = sorted(refs, key=lambda ref: (ref.name, ref.number))
        return Published(remote=remote.url, versions=[publisher.publish(each) for each in ordered])


@dataclass(slots=True)
class _Upload:
    """Where packs go: to the remote, if it lacks them."""

    remote: Remote
    progress: Progress | None
    total: int = 0  # bytes that there are to send
    done: int = 0
    sent: int = 0
    packs: dict[PackId, int] = field(default_factory=dict)

    def put(self, parts: Sequence[Buffer]) -> PackId:
        data = b"".join(parts)
        id_ = object_id(data)
        if self.remote.missing([id_]):
            if self.remote.put(data, id_) != id_:
                raise IntegrityError(f"{self.remote.url} stored other bytes than were sent to it")
            self.sent += len(data)
        self.packs[id_] = len(data)
        self.done += len(data)
        if self.progress is not None:
            self.progress("sending", self.done, max(self.total, self.done))
        return id_


class _Publisher:
    """Publishes one version after another; what the remote has is learned once."""

    def __init__(
        self, repository: BaseRepository, remote: Remote, progress: Progress | None
    ) -> None:
        self._repository = repository
        self._remote = remote
        self._progress = progress
        self._contents: dict[tuple[str, ...], Contents] = {}

    def publish(self, ref: VersionRef) -> PublishedVersion:
        row = version_row(self._repository.catalog, ref.id)
        assert row is not None
        tags = dict.fromkeys(tags_of(self._repository.catalog, row.key)[0], ref.id)
        needs = needs_of(
            ref.id, self._repository.reader, partial(recipe_of, self._repository.catalog)
        )
        parcel: PackId | None = None
        upload = _Upload(self._remote, self._progress)
        for attempt in range(1, TRIES + 1):
            old, track = read_track(self._remote, ref.name)
            known = track.entry(ref.id)
            if known is None and parcel is None:
                parcel = self._send(ref.name, needs, upload)
            new = _with_tags(_with_version(track, ref, parcel), tags, self._remote.url)
            try:
                if new != track:
                    data = replace(new, previous=old).to_bytes()
                    self._remote.swap(ref.name, old, self._remote.put(data))
            except ConflictError:
                if attempt == TRIES:
                    raise
                continue
            break
        entry = new.entry(ref.id)
        assert entry is not None
        return PublishedVersion(
            version=ref,
            number=entry.number,
            created=known is None,
            raw_size=needs.raw_size,
            sent=upload.sent,
        )

    def _send(self, name: str, needs: Needs, upload: _Upload) -> PackId:
        """Upload what the remote lacks of a version of a model; its parcel."""
        contents = self._known(name)
        for attempt in range(1, TRIES + 1):
            plan = plan_transfer(self._repository.index, contents, needs.tensors, list(needs.blobs))
            try:
                self._send_packs(plan, needs, upload)
            except NotFoundError:  # a pack was merged into another one meanwhile
                if attempt == TRIES:
                    raise
            else:
                break
        contents.learn(upload.packs)
        packs = contents.packs_holding(
            contents.bases_of(needs.tensors), contents.frames_of(needs.blobs)
        )
        return self._remote.put(Parcel(version=needs.version, packs=packs).to_bytes())

    def _known(self, name: str) -> Contents:
        """What the remote has that versions of a model may use."""
        names = tuple(self._remote.sharing(name))
        if names not in self._contents:
            found = Contents(self._remote)
            for each in names:
                for entry in read_track(self._remote, each)[1].versions:
                    found.add(read_parcel(self._remote, entry.parcel))
            self._contents[names] = found
        return self._contents[names]

    def _send_packs(self, plan: Transfer, needs: Needs, upload: _Upload) -> None:
        """Large tensors apart from small ones and blobs.

        What is shared is often small, and who needs it must not have to take large tensors along.
        """
        repository = self._repository
        transit = DirectoryStore(repository.layout.transit, repository.scratch)
        large = [each for each in plan.tensors_anew if not self._is_small(each)]
        small = [each for each in plan.tensors_anew if self._is_small(each)]
        reader, index = repository.reader, repository.index
        with self._writer(transit) as tensors:
            encode_tensors(large, reader, index, tensors)
        with self._writer(transit) as blobs:
            encode_tensors(small, reader, index, blobs)
            encode_blobs(plan.blobs_anew, needs, reader, blobs)
        anew = [*tensors.packs, *blobs.packs]
        copied = [
            [m for stored in plan.tensors for m in tensor_members(repository.store, stored)],
            [blob_member(repository.store, stored) for stored in plan.blobs],
        ]
        upload.total = sum(each.size for each in anew)
        upload.total += sum(m.location.size for members in copied for m in members)
        for each in anew:
            upload.put([transit.read(each.id, 0, each.size)])
        for members in copied:
            for _ in write_members(upload, members):
                pass  # each pack is sent as soon as it is made
        for each in anew:
            transit.delete(each.id)

    def _writer(self, transit: DirectoryStore) -> ArchiveWriter:
        return ArchiveWriter(transit, MemoryIndex(), threads=self._repository.threads)

    def _is_small(self, id_: TensorId) -> bool:
        stored = self._repository.index.find_tensor(id_)
        return stored is not None and stored.block is not None


def _with_version(track: Track, ref: VersionRef, parcel: PackId | None) -> Track:
    """The track with the version in it, under its own number if that is free."""
    if track.entry(ref.id) is not None:
        return track
    assert parcel is not None
    numbers = [each.number for each in track.versions]
    number = max(numbers) + 1 if ref.number in numbers else ref.number
    entry = TrackEntry(number=number, version=VersionId(ref.id), parcel=parcel)
    versions = sorted([*track.versions, entry], key=lambda each: each.number)
    return replace(track, versions=versions)


def _with_tags(track: Track, tags: dict[str, VersionId], url: str) -> Track:
    for tag, version in tags.items():
        known = track.entry(track.tags.get(tag, version))
        if known is not None and known.version != version:
            raise ConflictError(
                f"{track.name}@{tag} on {url} is version {known.number} there, and tags do not "
                f"move; delete the tag here with: dlv tag --delete {track.name}@{tag}"
            )
    return replace(track, tags={**track.tags, **tags})
