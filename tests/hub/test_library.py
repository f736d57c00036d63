"""Tests of `modelhub.hub.library`."""

import hashlib
import shutil
import threading

import pytest
from sqlalchemy import delete, select

from modelhub.dlv.naming import resolve
from modelhub.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    StorageError,
)
from modelhub.hub import Caller, Library, schema
from modelhub.remotes import FolderRemote, Parcel, Track, TrackEntry, publish, read_track
from modelhub.values import VersionId

ALICE = Caller(name="alice", is_admin=False, may_write=True)
READER = Caller(name="alice", is_admin=False, may_write=False)
BOB = Caller(name="bob", is_admin=False, may_write=True)
ADMIN = Caller(name="root", is_admin=True, may_write=True)


class AsRemote(FolderRemote):
    """What a publisher sees of alice's namespace; refs move as the library lets them."""

    library: Library

    def swap(self, name, old, new):
        self.library.swap(ALICE, "alice", name, old, new)


@pytest.fixture
def send(tmp_path, library, here):
    """Publish versions of `here` as alice."""

    def call(*revisions):
        remote = AsRemote.create(tmp_path / "namespaces/alice")
        remote.library = library
        return publish(here, [resolve(here, each) for each in revisions], remote)

    library.models(ALICE, "alice")
    return call


def seen(library, caller):
    return [f"{each.model}@{each.number}" for each in library.versions(caller)]


def test_a_new_model_is_its_owners(library, send):
    """And an admin's; for everybody else it is absent."""
    send("lenet@1")

    for caller in (ALICE, READER, ADMIN):
        assert library.models(caller, "alice") == {"lenet": False}
        assert seen(library, caller) == ["lenet@1"]
    for caller in (BOB, None):
        assert library.models(caller, "alice") == {}
        assert library.ref(caller, "alice", "lenet") is None
        assert seen(library, caller) == []
        with pytest.raises(NotFoundError, match="there is no model"):
            library.version(caller, "alice", "lenet", "latest")


def test_a_public_model_is_everybodys_to_read(library, send):
    """Until its owner takes it back."""
    send("lenet@1")
    library.set_public(ALICE, "alice", "lenet", is_public=True)

    for caller in (ALICE, BOB, ADMIN, None):
        assert library.models(caller, "alice") == {"lenet": True}
        assert library.ref(caller, "alice", "lenet") is not None
    library.set_public(ALICE, "alice", "lenet", is_public=False)
    assert library.models(None, "alice") == {}


def test_objects_are_readable_by_whom_a_model_is(library, send):
    """An id alone opens nothing."""
    send("lenet@1")
    ref = library.ref(ALICE, "alice", "lenet")
    for caller in (BOB, None):
        with pytest.raises(NotFoundError):
            library.file_of(caller, "alice", ref)
    library.set_public(ALICE, "alice", "lenet", is_public=True)
    data = library.file_of(None, "alice", ref).read_bytes()
    assert hashlib.sha256(data).hexdigest() == ref


def test_every_object_of_a_public_model_is_readable(library, send, tmp_path):
    """Its tracks, its parcels, its packs; a loose object is not."""
    send("lenet@1", "lenet@2")
    library.set_public(ALICE, "alice", "lenet", is_public=True)
    loose = FolderRemote.open(tmp_path / "namespaces/alice").put(b"loose")
    ids = [p.parent.name + p.name for p in (tmp_path / "namespaces/alice/objects").glob("*/*")]
    first = read_track(FolderRemote.open(tmp_path / "namespaces/alice"), "lenet")[1].previous

    assert first in ids
    for id_ in ids:
        if id_ in {loose, first}:
            continue
        assert library.file_of(None, "alice", id_).is_file()
    with pytest.raises(NotFoundError):
        library.file_of(BOB, "alice", loose)
    assert library.file_of(ALICE, "alice", loose).is_file()


def test_packs_are_shared_among_those_who_may_read_them(library, send):
    """What a public model brings along is public; so it may not share a private one's packs."""
    send("lenet@1")
    send("head@1")  # its packs and those of lenet hold a tensor that both need

    with pytest.raises(IntegrityError, match="shares packs"):
        library.set_public(ALICE, "alice", "head", is_public=True)
    assert library.models(None, "alice") == {}
    library.set_public(ALICE, "alice", "lenet", is_public=True)
    library.set_public(ALICE, "alice", "head", is_public=True)
    assert library.models(None, "alice") == {"head": True, "lenet": True}


def test_a_public_model_takes_no_packs_of_private_ones(library, send, here):
    """A ref that would open them does not move."""
    send("head@1")
    conv = here["head@1"].tensors["conv.weight"][:]
    here.commit("open", {"other.weight": conv[:, :, 0, 0] * 2})
    send("open@1")
    library.set_public(ALICE, "alice", "open", is_public=True)
    here.commit("open", {"conv.weight": conv})

    with pytest.raises(IntegrityError, match="shares packs"):
        send("open@2")
    assert seen(library, None) == ["open@1"]


@pytest.mark.parametrize("caller", [BOB, READER, None])
def test_only_the_owner_publishes(library, caller):
    """With a token that may; every way of writing says so."""
    id_ = hashlib.sha256(b"x").hexdigest()
    for attempt in (
        lambda: library.put(caller, "alice", id_, b"x"),
        lambda: library.missing(caller, "alice", [id_]),
        lambda: library.swap(caller, "alice", "lenet", None, id_),
        lambda: library.set_public(caller, "alice", "lenet", is_public=True),
    ):
        with pytest.raises(AccessError):
            attempt()


def test_a_namespace_is_an_accounts(library):
    """There is none else, and no name reaches another folder."""
    with pytest.raises(NotFoundError, match="no namespace"):
        library.models(ADMIN, "nobody")
    for name in ("..", "", "a/b", "Alice"):
        with pytest.raises((NotFoundError, InputError)):
            library.models(ADMIN, name)


def test_bytes_must_be_those_of_the_id(library):
    """Nothing is stored under another name."""
    id_ = hashlib.sha256(b"x").hexdigest()

    with pytest.raises(InputError, match="not those of object"):
        library.put(ALICE, "alice", id_, b"y")
    assert library.missing(ALICE, "alice", [id_]) == {id_}
    library.put(ALICE, "alice", id_, b"x")
    assert library.missing(ALICE, "alice", [id_]) == set()


def test_a_version_that_cannot_be_shown_is_refused(library, tmp_path):
    """Its packs must hold what its parcel promises: here the pack is none."""
    library.models(ALICE, "alice")
    remote = FolderRemote.create(tmp_path / "namespaces/alice")
    version = VersionId("1" * 64)
    parcel = remote.put(Parcel(version=version, packs={remote.put(b"x"): 1}).to_bytes())
    entry = TrackEntry(number=1, version=version, parcel=parcel)
    track = remote.put(Track(name="lenet", versions=[entry]).to_bytes())

    with pytest.raises(IntegrityError):
        library.swap(ALICE, "alice", "lenet", None, track)
    assert remote.ref("lenet") is None
    assert seen(library, ADMIN) == []


def test_a_ref_that_has_moved_is_a_conflict(library, send):
    send("lenet@1")
    ref = library.ref(ALICE, "alice", "lenet")

    with pytest.raises(ConflictError):
        library.swap(ALICE, "alice", "lenet", None, ref)


def test_what_is_known_of_a_version(library, send, here):
    """As its manifest says."""
    send("lenet@1", "lenet@2")
    newest, first = library.versions(ALICE)

    assert (newest.model, newest.number, newest.message) == ("lenet", 2, "number 2")
    assert newest.id == resolve(here, "lenet@2").id
    assert newest.metrics == {"accuracy": 0.2}
    assert newest.settings == {"optimizer": "Adam"}
    assert newest.templates == {"CONV": 1, "FULL": 1}
    assert newest.parameters == 16 * 16 * 25 + 300 * 200 + 3
    assert first.number == 1


def test_versions_are_found_by_number_tag_and_id(library, send, here):
    """As revisions are elsewhere."""
    send("lenet@1", "lenet@2")
    wanted = resolve(here, "lenet@1").id

    for revision in ("1", "v1", wanted, wanted[:10]):
        assert library.version(ALICE, "alice", "lenet", revision).number == 1
    assert library.version(ALICE, "alice", "lenet", "latest").number == 2
    for revision in ("9", "v9", "f" * 10, wanted[:3], ""):
        with pytest.raises(NotFoundError):
            library.version(ALICE, "alice", "lenet", revision)


def test_files_are_read_in_place(library, send, here):
    """Byte for byte, as a checkout would write them."""
    send("lenet@1")
    version = library.version(ALICE, "alice", "lenet", "latest")
    here["lenet@1"].checkout(here.root / "out")
    with library.opened(version) as found:
        (file,) = found.needs.manifest.content.files
        data = b"".join(found.file(file))

    assert data == (here.root / "out" / file.path).read_bytes()
    for _ in range(2):  # found, and remembered
        assert library.sha256_of(version, file) == hashlib.sha256(data).hexdigest()


def test_files_are_hashed_when_they_arrive(library, send, database):
    """So that nobody who asks for one must wait."""
    send("lenet@1", "lenet@2")
    library._behind.shutdown()  # waits

    with database.reading() as connection:
        known = dict(connection.execute(select(schema.digest.c.file, schema.digest.c.sha256)).all())
    for version in library.versions(ALICE):
        with library.opened(version) as found:
            (file,) = found.needs.manifest.content.files
            data = b"".join(found.file(file))
        assert known[file.id] == hashlib.sha256(data).hexdigest()


def test_hashing_ends_with_the_hub(library, send):
    """Whoever asks meanwhile is told; nothing of it is kept."""
    library._is_closed = True
    send("lenet@1")
    version = library.version(ALICE, "alice", "lenet", "latest")
    with library.opened(version) as found:
        (file,) = found.needs.manifest.content.files

    with pytest.raises(StorageError, match="being stopped"):
        library.sha256_of(version, file)
    library._is_closed = False
    assert len(library.sha256_of(version, file)) == 64


def test_the_database_learns_what_refs_lead_to(library, send, database):
    """Where it lags behind, as after a crash, or lost everything but accounts."""
    send("lenet@1", "lenet@2")
    with database.writing() as connection:
        connection.execute(delete(schema.version).where(schema.version.c.number == 2))
        connection.execute(schema.model.update().values(track=None))
    assert seen(library, ALICE) == ["lenet@1"]

    library.catch_up()
    assert seen(library, ALICE) == ["lenet@2", "lenet@1"]
    with database.writing() as connection:
        connection.execute(delete(schema.model))
    assert library.models(ALICE, "alice") == {"lenet": False}
    assert seen(library, ALICE) == ["lenet@2", "lenet@1"]


def test_a_damaged_model_does_not_hide_the_others(library, send, database, tmp_path):
    """Catching up goes on behind it."""
    send("head@1", "lenet@1")
    with database.writing() as connection:
        connection.execute(delete(schema.model))
    (tmp_path / "namespaces/alice/refs/head").write_text("damaged")

    library.catch_up()
    assert seen(library, ALICE) == ["lenet@1"]


def test_nothing_arrives_while_a_model_is_opened(library, send):
    """What is checked is what everybody reads: refs stay meanwhile."""
    send("lenet@1")
    done = []
    with library._remote("alice").alone():
        thread = threading.Thread(
            target=lambda: done.append(library.set_public(ALICE, "alice", "lenet", is_public=True))
        )
        thread.start()
        thread.join(0.5)
        assert not done
    thread.join(60)
    assert library.models(None, "alice") == {"lenet": True}


def test_a_model_whose_ref_is_gone_is_not_shown(library, send, tmp_path):
    """The folders are the truth."""
    send("lenet@1")
    shutil.rmtree(tmp_path / "namespaces/alice/refs")
    (tmp_path / "namespaces/alice/refs").mkdir()

    assert library.ref(ALICE, "alice", "lenet") is None
    assert library.models(ALICE, "alice") == {}
