"""A hostile remote: tests of `modelhub.remotes.incoming`."""

import json
from dataclasses import replace

import pytest

from modelhub.dlv.operations.fsck import check
from modelhub.errors import ModelHubError, NotFoundError
from modelhub.identity import blob_id, canonical_json
from modelhub.pas import (
    ArchiveReader,
    ArchiveWriter,
    MemoryIndex,
    MemoryStore,
    blob_member,
    tensor_members,
    write_members,
)
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import Parcel
from modelhub.remotes.remote import read_parcel, read_track


class Sink:
    """Where forged packs go: onto the remote."""

    def __init__(self, remote):
        self.remote = remote

    def put(self, parts):
        return self.remote.put(b"".join(parts))


@pytest.fixture
def forge(here, send, remote, state, tmp_path):
    """Publish a version, then let its ref lead to packs that were changed."""
    here.commit("lenet", state(1))
    send("lenet")
    _, track = read_track(remote, "lenet")
    [entry] = track.versions
    contents = Contents(remote)
    contents.add(read_parcel(remote, entry.parcel))

    def call(tensor=lambda t: t, blob=lambda b: b, more=(), version=entry.version, name="lenet"):
        stored = list(contents._index.tensors())
        blobs = [b for b in contents._index.blobs() if b.role != "block"]
        members = [
            *(m for t in stored if t.block is None for m in tensor_members(remote, tensor(t))),
            *(blob_member(remote, blob(b)) for b in blobs),
            *more,
        ]
        packs = {p.id: p.size for p in write_members(Sink(remote), members)}
        blocks = [t.block[0] for t in stored if t.block is not None]
        packs |= contents.packs_holding([], blocks)
        parcel = remote.put(Parcel(version=version, packs=packs).to_bytes())
        forged = replace(
            track, name=name, versions=[replace(entry, version=version, parcel=parcel)]
        )
        ref = tmp_path / "remote/refs" / name
        ref.write_text(f"{remote.put(forged.to_bytes())}\n")
        (tmp_path / "remote/refs/lenet").unlink() if name != "lenet" else None

    return call


def assert_refused(receive, there, match=None):
    """One line; no version, no object, no damage."""
    with pytest.raises(ModelHubError, match=match) as caught:
        receive()
    assert "\n" not in str(caught.value)
    found = check(there)
    assert found.is_clean
    assert found.versions == 0
    assert not there.catalog.ask("select key from tensor union select key from blob")


def of_size(size, change):
    """Change the tensors of a size, and leave the others."""
    return lambda t: change(t) if t.info.shape[0] == size else t


def test_what_was_not_changed_is_taken(receive, there, forge):
    """So that the other tests refuse for their own reasons."""
    forge()
    receive()
    assert check(there).versions == 1


def test_another_tensor_under_an_id(receive, there, forge):
    """Its elements are hashed."""
    forge(of_size(300, lambda t: replace(t, info=replace(t.info, id="0" * 64))))
    assert_refused(receive, there)


def test_segments_of_another_tensor(receive, there, forge, here):
    """Right checksums of wrong elements are not enough."""
    stored = here.index.find_tensor(here["lenet"].tensors["fc.weight"].id)

    def swapped(t):
        first, *rest = t.segments
        other = replace(first, location=rest[-1].location)
        return replace(t, segments=(other, *rest))

    assert stored.levels > 1
    forge(of_size(300, swapped))
    assert_refused(receive, there)


def test_statistics_that_are_not_true(receive, there, forge):
    """Queries and descriptions would believe them."""
    forge(of_size(300, lambda t: replace(t, statistics=replace(t.statistics, min=-99.0))))
    assert_refused(receive, there, "statistics")
    forge(of_size(300, lambda t: replace(t, statistics=None)))
    assert_refused(receive, there, "statistics")


def test_a_base_that_is_not_there(receive, there, forge):
    """A chain that leads nowhere is no way to read a tensor."""
    forge(of_size(300, lambda t: replace(t, base="0" * 64)))
    assert_refused(receive, there)


def test_a_tensor_that_is_its_own_base(receive, there, forge):
    """A cycle neither hangs nor passes."""
    forge(of_size(300, lambda t: replace(t, base=t.info.id)))
    assert_refused(receive, there)


@pytest.mark.parametrize("role", ["manifest", "recipe", "literal"])
def test_another_blob_under_an_id(receive, there, forge, role):
    """Every blob is compared with its id."""
    forge(blob=lambda b: replace(b, id="0" * 64) if b.role == role else b)
    assert_refused(receive, there)


@pytest.mark.parametrize("size", [0, 1 << 24, 1 << 50])
def test_a_blob_that_claims_another_size(receive, there, forge, size):
    """Nothing is allocated by it."""
    forge(blob=lambda b: replace(b, raw_size=size) if b.role == "literal" else b)
    assert_refused(receive, there)


def extra(raw, role, file=None):
    """A member that holds some bytes, from a writer that checks nothing."""
    store = MemoryStore()
    with ArchiveWriter(store, MemoryIndex()) as writer:
        id_ = writer.put_blob(raw, role=role, file=file)
    index = MemoryIndex()
    for each in writer.packs:
        index.register(each.id, each.footer)
    return blob_member(store, index.find_blob(id_)), id_


def test_records_of_others_are_not_taken(receive, there, forge):
    """A remote cannot say that a version was removed."""
    record = {"format": 1, "seq": 1 << 40, "time": "2026-01-01", "kind": "remove", "version": "x"}
    member, id_ = extra(canonical_json(record), "record")
    forge(more=[member])
    receive()

    assert there.index.find_blob(id_) is None
    assert check(there).is_clean


def test_a_literal_called_a_record_is_none(receive, there, forge):
    """What a blob is to a version is its manifest's to say."""
    forge(blob=lambda b: replace(b, role="record") if b.role == "literal" else b)
    receive()

    roles = [row.role for row in there.catalog.ask("select role from blob")]
    assert roles.count("record") == 1
    assert check(there).is_clean


def test_a_recipe_that_makes_another_file(receive, there, forge, here):
    """It would stand for that file for ever."""
    file = here["lenet"].files[0]
    blob = here.catalog.ask_one("select id from blob where role = 'recipe'").id
    recipe = json.loads(here.reader.blob(blob))
    assert recipe["spans"][1][0] != recipe["spans"][0][0]
    spans = sorted(recipe["spans"], key=lambda span: -span[0])
    member, _ = extra(canonical_json(recipe | {"spans": spans}), "recipe", file.id)
    forge(blob=lambda b: replace(b, file="0" * 64) if b.role == "recipe" else b, more=[member])
    assert_refused(receive, there, "other bytes")


def manifest_of(here, **changes):
    found = json.loads(here.reader.blob(here["lenet"].id))
    content = found["content"] | changes.pop("content", {})
    return canonical_json(found | {"content": content} | changes)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"name": "vgg"}, "of vgg, not of lenet"),
        ({"name": "../x"}, "not valid"),
        ({"format": 9}, "format 9"),
        ({"content": {"network": "0" * 64}}, None),
        ({"content": {"history": "0" * 64}}, None),
        ({"content": {"files": 5}}, "not valid"),
    ],
)
def test_a_manifest_that_lies(receive, there, forge, here, changes, match):
    """It has a true id, and says what is not so."""
    raw = manifest_of(here, **changes)
    member, id_ = extra(raw, "manifest")
    assert id_ == blob_id(raw)
    forge(more=[member], version=id_)
    assert_refused(receive, there, match)


@pytest.mark.parametrize(
    "path", ["../escape", "/abs", "a/../b", ".dlv/catalog.db", "x/.Git/config", "a\x00b"]
)
def test_a_path_that_leads_out(receive, there, forge, here, path):
    """No file is written outside, or into the repository itself."""
    found = json.loads(here.reader.blob(here["lenet"].id))
    files = [found["content"]["files"][0] | {"path": path}]
    member, id_ = extra(manifest_of(here, content={"files": files}), "manifest")
    forge(more=[member], version=id_)
    assert_refused(receive, there)


def test_shapes_that_are_not_the_tensors(receive, there, forge, here):
    """A manifest names shapes and dtypes; the tensors decide."""
    found = json.loads(here.reader.blob(here["lenet"].id))
    [snapshot] = found["content"]["snapshots"]
    for tensor in snapshot["tensors"]:
        tensor["shape"] = [7, *tensor["shape"]]
    raw = manifest_of(here, content={"snapshots": [snapshot]})
    member, id_ = extra(raw, "manifest")
    forge(more=[member], version=id_)
    assert_refused(receive, there, "not as its manifest says")


def test_every_flipped_byte_is_noticed(receive, there, here, send, state, tmp_path):
    """In any object of a remote, near its beginning, in its middle, and at its end."""
    here.commit("lenet", state(1))
    send("lenet")
    paths = [p for p in (tmp_path / "remote/objects").rglob("*") if p.is_file()]
    for path in paths:
        data = path.read_bytes()
        path.chmod(0o644)
        for place in (3, len(data) // 2, len(data) - 2):
            damaged = bytearray(data)
            damaged[place] ^= 1
            path.write_bytes(damaged)
            assert_refused(receive, there)
        path.write_bytes(data)
    receive()
    assert check(there).versions == 1


def test_what_is_missing_is_told(receive, there, here, send, state, tmp_path):
    """And nothing is taken."""
    here.commit("lenet", state(1))
    send("lenet")
    for path in [p for p in (tmp_path / "remote/objects").rglob("*") if p.is_file()]:
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(NotFoundError):
            receive()
        path.write_bytes(data)
    receive()
    assert check(there).is_clean


def test_a_damaged_download_is_fetched_again(receive, there, here, send, remote, state):
    """What lies in `transit` is compared with its name before it is used."""
    here.commit("lenet", state(1))
    send("lenet")
    [entry] = read_track(remote, "lenet")[1].versions
    for id_ in read_parcel(remote, entry.parcel).packs:
        path = there.layout.transit / id_[:2] / id_[2:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of a pack")
    receive()
    with ArchiveReader(there.store, there.index) as reader:
        for tensor in there["lenet"].tensors.values():
            reader.check_tensor(tensor.id)
    assert check(there).is_clean
