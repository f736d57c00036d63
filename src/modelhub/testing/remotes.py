"""What every `modelhub.remotes.Remote` does (docs/spec/sync.md §5)."""

import threading
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from modelhub.dlv.manifest import manifest_json
from modelhub.dlv.versions import Content, Manifest
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.identity import canonical_json
from modelhub.pas import ArchiveWriter, DirectoryStore, MemoryIndex
from modelhub.remotes import Parcel, Remote, Track, TrackEntry, parse_track
from modelhub.values import PackId, VersionId

ABSENT = PackId("a" * 64)
PUBLISHERS = 8
SIZE = 10  # bytes of the object that most tests put


class RemoteContract:
    """Inherit, define `make_remote`, and run it with pytest."""

    def make_remote(self) -> Remote:
        """The remote of one test, empty when it is made first; again, the same one."""
        raise NotImplementedError

    @pytest.fixture
    def remote(self) -> Remote:
        """An empty remote."""
        return self.make_remote()

    def test_an_object_comes_back(self, remote: Remote) -> None:
        """By ranges, under the hash of its bytes; put twice, too."""
        id_ = remote.put(b"some bytes")

        assert remote.put(b"some bytes") == id_
        assert remote.read(id_, 5, 5) == b"bytes"
        assert remote.read(id_, SIZE, 0) == b""
        assert remote.size(id_) == SIZE
        assert remote.missing([id_, ABSENT]) == {ABSENT}

    def test_what_is_not_there_is_not_found(self, remote: Remote) -> None:
        """Neither it nor its size."""
        with pytest.raises(NotFoundError):
            remote.read(ABSENT, 0, 1)
        with pytest.raises(NotFoundError):
            remote.size(ABSENT)
        assert remote.ref("lenet") is None

    @pytest.mark.parametrize(("offset", "size"), [(5, 100), (100, 1)])
    def test_a_range_that_is_not_there_is_refused(
        self, remote: Remote, offset: int, size: int
    ) -> None:
        """Nothing is made up."""
        id_ = remote.put(b"some bytes")

        with pytest.raises(IntegrityError):
            remote.read(id_, offset, size)

    def test_a_ref_moves_from_what_it_was(self, remote: Remote) -> None:
        """And from nothing else."""
        first, track = put_track(remote)
        remote.swap("lenet", None, first)
        second, _ = put_track(remote, number=2, previous=first, versions=track.versions)

        with pytest.raises(ConflictError, match="run the command again"):
            remote.swap("lenet", None, second)
        assert remote.ref("lenet") == first
        remote.swap("lenet", first, second)
        assert remote.ref("lenet") == second
        assert self.make_remote().models() == ["lenet"]

    def test_of_racing_publishers_one_wins(self, remote: Remote) -> None:
        """Each swap has one winner; nobody's version is lost."""

        def publish(number: int) -> None:
            worker = self.make_remote()
            while True:
                old = worker.ref("lenet")
                known = [] if old is None else list(_track(worker, old).versions)
                entry = put_track(worker, number=number)[1].versions[-1]
                entries = sorted([*known, entry], key=lambda each: each.number)
                track = Track(name="lenet", previous=old, versions=entries)
                try:
                    worker.swap("lenet", old, worker.put(track.to_bytes()))
                except ConflictError:
                    continue
                return

        numbers = range(1, PUBLISHERS + 1)
        threads = [threading.Thread(target=publish, args=(number,)) for number in numbers]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        last = remote.ref("lenet")
        assert last is not None
        assert [each.number for each in _track(remote, last).versions] == list(numbers)

    def test_a_ref_never_dangles(self, remote: Remote) -> None:
        """A track, a parcel or a pack that is not there moves nothing."""
        pack = remote.put(b"pack")
        first, track = put_track(remote)
        for parcel in (
            ABSENT,
            remote.put(Parcel(version=VersionId(ABSENT), packs={ABSENT: 4}).to_bytes()),
        ):
            entry = TrackEntry(number=9, version=VersionId(ABSENT), parcel=parcel)
            new = remote.put(Track(name="lenet", versions=[entry]).to_bytes())
            with pytest.raises(IntegrityError):
                remote.swap("lenet", None, new)
        for new in (ABSENT, pack):
            with pytest.raises(IntegrityError):
                remote.swap("lenet", None, new)
        assert remote.ref("lenet") is None
        remote.swap("lenet", None, first)
        with pytest.raises(IntegrityError):  # it forgets what was published
            remote.swap("lenet", first, put_track(remote, number=2, previous=first)[0])
        assert remote.ref("lenet") == first
        assert track.versions

    @pytest.mark.parametrize("name", ["a/b", "org/LeNet-5.x+y", "a.b"])
    def test_models_have_any_name(self, remote: Remote, name: str) -> None:
        """With slashes, too."""
        remote.swap(name, None, put_track(remote, name)[0])

        assert remote.models() == [name]
        assert remote.ref(name) is not None

    @pytest.mark.parametrize("name", ["..", "../x", "/abs", "a//b", "a\0b", ""])
    def test_a_name_that_is_none_leads_nowhere(self, remote: Remote, name: str) -> None:
        """No ref is made of it."""
        with pytest.raises(InputError):
            remote.swap(name, None, ABSENT)

    @pytest.mark.parametrize("name", ["../x", "A" * 64, "a" * 63])
    def test_an_object_name_that_is_none_is_refused(self, remote: Remote, name: str) -> None:
        """Before it becomes a place."""
        with pytest.raises(InputError):
            remote.read(PackId(name), 0, 1)


def put_track(
    remote: Remote,
    name: str = "lenet",
    *,
    number: int = 1,
    previous: PackId | None = None,
    versions: Sequence[TrackEntry] = (),
) -> tuple[PackId, Track]:
    """A valid track with one more version, put on the remote with what it needs.

    The version has nothing but a manifest, which says its number.
    """
    raw = _manifest(name, number)
    with TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder), lambda: Path(folder))
        with ArchiveWriter(store, MemoryIndex(), threads=1) as writer:
            version = VersionId(writer.put_blob(raw, role="manifest"))
        for pack in writer.packs:
            remote.put(store.read(pack.id, 0, pack.size))
    packs = {each.id: each.size for each in writer.packs}
    parcel = remote.put(Parcel(version=version, packs=packs).to_bytes())
    entry = TrackEntry(number=number, version=version, parcel=parcel)
    track = Track(name=name, previous=previous, versions=[*versions, entry])
    return remote.put(track.to_bytes()), track


def _manifest(name: str, number: int) -> bytes:
    manifest = Manifest(
        name=name,
        parents=(),
        created="2026-01-01T00:00:00.000000Z",
        author="",
        message=f"number {number}",
        content=Content(),
    )
    return canonical_json(manifest_json(manifest))


def _track(remote: Remote, id_: PackId) -> Track:
    return parse_track(remote.read(id_, 0, remote.size(id_)))
