"""Tests of `modelhub.remotes.publishing`."""

import pytest

from modelhub.dlv.naming import resolve
from modelhub.dlv.operations.names import tag
from modelhub.errors import ConflictError, StorageError
from modelhub.pas import ArchiveReader, read_footer
from modelhub.remotes import publish
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import Track, parse_track
from modelhub.remotes.remote import read_object, read_parcel, read_track


def packs_of(remote):
    """The footers of all packs of the remote's parcels, by id."""
    return {
        id_: read_footer(remote, id_)
        for name in remote.models()
        for entry in read_track(remote, name)[1].versions
        for id_ in read_parcel(remote, entry.parcel).packs
    }


def ids_in(footers):
    return {entry.info.id for footer in footers.values() for entry in footer.tensors}


def test_a_version_can_be_read_from_its_parcel_alone(here, send, remote, state):
    """Manifest, recipes, literals and tensors, with every base."""
    here.commit("lenet", state(1))
    done = send("lenet")
    [entry] = read_track(remote, "lenet")[1].versions
    contents = Contents(remote)
    contents.add(read_parcel(remote, entry.parcel))

    assert done.versions[0].created
    assert done.versions[0].sent < done.versions[0].raw_size * 1.1
    with ArchiveReader(remote, contents) as reader:
        for tensor in here["lenet"].tensors.values():
            reader.check_tensor(tensor.id)
        assert reader.blob(entry.version)


def test_what_is_there_is_not_sent(here, send, state):
    """A second publish sends nothing and changes nothing."""
    here.commit("lenet", state(1))
    send("lenet")
    [again] = send("lenet").versions

    assert (again.created, again.sent, again.number) == (False, 0, 1)


def test_a_fine_tune_sends_its_differences(here, send, state, tuned):
    """Of a model whose base is there, about what the commit stored travels."""
    base = state(1)
    here.commit("lenet", base)
    here.commit("lenet", tuned(base))
    [first] = send("lenet@1").versions
    [second] = send("lenet@2").versions

    assert second.sent < 0.7 * first.sent


def test_what_is_published_brings_nothing_else_along(here, send, remote, state, tuned):
    """Neither the base of a delta, nor tensors that merely share its packs or blocks."""
    base = state(1)
    here.commit("secret", base)
    here.commit("open", {**tuned(base), "conv.bias": base["conv.bias"]})
    send("open")
    own = {tensor.id for tensor in here["open"].tensors.values()}

    assert here.catalog.ask("select key from copy where base is not null")
    assert ids_in(packs_of(remote)) == own


def test_no_record_leaves_the_repository(here, send, remote, state):
    """What happened here stays here."""
    here.commit("lenet", state(1))
    tag(here, "lenet", "v1")
    send("lenet")
    roles = {
        m.role for footer in packs_of(remote).values() for m in footer.members if hasattr(m, "role")
    }

    assert roles == {"literal", "block", "manifest", "recipe", "network"}


def test_equal_runs_make_equal_packs(here, send, remote, state, tmp_path):
    """So that an interrupted one goes on where it stopped."""
    here.commit("lenet", state(1))
    send("lenet")
    before = set(packs_of(remote))
    (tmp_path / "remote/refs/lenet").unlink()
    [again] = send("lenet").versions

    assert again.created
    assert again.sent == 0
    assert set(packs_of(remote)) == before


def test_an_interrupted_publish_sends_nothing_twice(here, send, remote, state, monkeypatch):
    """The second run sends what the first did not."""
    here.commit("lenet", state(1))
    put, sent = remote.put, []

    def counted(data, _=None):
        sent.append(data)
        return put(data)

    def failing(data, _=None):
        if sent:
            raise StorageError("the disk is full")
        return counted(data)

    monkeypatch.setattr(remote, "put", failing)
    with pytest.raises(StorageError):
        send("lenet")
    assert remote.ref("lenet") is None
    monkeypatch.setattr(remote, "put", counted)
    [done] = send("lenet").versions

    assert done.created
    assert len(sent) > 3
    assert len(set(sent)) == len(sent)


def test_numbers_belong_to_the_remote(here, there, remote, send, state):
    """Two people's second versions are both there, one under another number."""
    here.commit("lenet", state(1))
    send("lenet")
    there.commit("lenet", state(2))
    [theirs] = publish(there, [resolve(there, "lenet@1")], remote).versions
    [again] = publish(there, [resolve(there, "lenet@1")], remote).versions

    assert (theirs.version.number, theirs.number) == (1, 2)
    assert (again.created, again.number) == (False, 2)
    assert [each.number for each in read_track(remote, "lenet")[1].versions] == [1, 2]


def test_tags_travel_and_do_not_move(here, there, remote, send, state):
    """A tag that names another version there is a conflict, and nothing is changed."""
    here.commit("lenet", state(1))
    send("lenet")
    tag(here, "lenet@1", "v1")
    send("lenet@1")
    old, track = read_track(remote, "lenet")
    assert track.tags == {"v1": here["lenet@1"].id}
    there.commit("lenet", state(2))
    tag(there, "lenet@1", "v1")
    with pytest.raises(ConflictError, match="tags do not move"):
        publish(there, [resolve(there, "lenet@1")], remote)
    assert remote.ref("lenet") == old


def test_a_ref_that_moved_meanwhile_is_read_again(here, send, remote, state, monkeypatch):
    """The publish goes on from it; only endless races are a conflict."""
    here.commit("lenet", state(1))
    here.commit("lenet", state(2))
    swap = remote.swap
    calls = []

    def racing(name, old, new):
        calls.append(new)
        if len(calls) == 1:
            monkeypatch.setattr(remote, "swap", swap)
            send("lenet@2")
        swap(name, old, new)

    monkeypatch.setattr(remote, "swap", racing)
    send("lenet@1")
    assert [each.number for each in read_track(remote, "lenet")[1].versions] == [1, 2]

    def losing(*_):
        raise ConflictError("it moved")

    here.commit("lenet", state(3))
    monkeypatch.setattr(remote, "swap", losing)
    with pytest.raises(ConflictError):
        send("lenet@3")


def test_the_history_of_a_ref_is_kept(here, send, remote, state):
    """Each track leads to the one before."""
    for seed in (1, 2):
        here.commit("lenet", state(seed))
        send("lenet")
    _, track = read_track(remote, "lenet")

    before = parse_track(read_object(remote, track.previous))
    assert isinstance(before, Track)
    assert [each.number for each in before.versions] == [1]


def test_nothing_stays_behind(here, send, state):
    """What was encoded anew is gone from the repository's `transit`."""
    here.commit("lenet", state(1))
    send("lenet")

    assert not [path for path in here.layout.transit.rglob("*") if path.is_file()]
