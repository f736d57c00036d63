"""Tests of `modelhub.remotes.fetching`."""

import numpy as np
from small_networks import small_captured, small_state

from modelhub.dlv.operations.checkout import checkout
from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.operations.fsck import check, rebuild
from modelhub.dlv.operations.gc import collect_garbage
from modelhub.dlv.operations.names import remove, tag
from modelhub.dlv.repository import Repository
from modelhub.errors import StorageError
from modelhub.remotes import chosen, fetch


def assert_sound(repository, versions):
    found = check(repository)
    assert found.is_clean, found.damages
    assert found.versions == versions
    assert found.leftovers == 0


def test_a_version_arrives_whole(here, there, send, receive, state):
    """Its id, its tensors, its tags; and the repository is sound."""
    here.commit("lenet", state(1))
    tag(here, "lenet", "v1")
    send("lenet")
    [done] = receive().versions

    assert done.created
    assert done.version.id == here["lenet"].id == there["lenet@v1"].id
    for name, expected in state(1).items():
        assert np.array_equal(there["lenet"].tensors[name].numpy(), expected)
    assert_sound(there, 1)


def test_files_come_back_byte_for_byte(here, there, send, receive, tmp_path):
    """Of every role, with their paths and modes."""
    work = here.root / "run"
    work.mkdir()
    (work / "train.py").write_text("print(1)\n" * 1000)
    (work / "train.py").chmod(0o755)
    (work / "data.bin").write_bytes(np.random.default_rng(0).bytes(3_000_000))
    np.save(work / "w.npy", np.arange(50_000, dtype=np.float64))
    commit(here, "lenet", paths=[work], options=CommitOptions(message="all kinds"))
    send("lenet")
    receive()
    done = checkout(there, "lenet", to=tmp_path / "out")

    assert len(done.written) == 3
    for path in work.iterdir():
        assert (tmp_path / "out/run" / path.name).read_bytes() == path.read_bytes()
    assert (tmp_path / "out/run/train.py").stat().st_mode & 0o100
    assert_sound(there, 1)


def test_what_is_here_does_not_travel(here, there, send, receive, state, tuned):
    """The second fine-tune brings its differences alone; a second fetch brings nothing."""
    base = state(1)
    here.commit("lenet", base)
    send("lenet")
    [first] = receive().versions
    here.commit("lenet", tuned(base))
    send("lenet")
    known, second = receive().versions

    assert (known.created, known.received) == (False, 0)
    assert second.received < 0.7 * first.received
    assert [each.received for each in receive().versions] == [0, 0]
    assert there.catalog.ask("select key from copy where base is not null")
    assert_sound(there, 2)


def test_a_delta_comes_with_its_base(here, there, send, remote, receive, state, tuned):
    """The base is kept as long as something needs it, and is no version of its own."""
    base = state(1)
    here.commit("lenet", base)
    here.commit("lenet", tuned(base))
    send("lenet@1", "lenet@2")
    fetch(there, remote, [chosen(remote, "lenet@2", all_versions=False)])

    collect_garbage(there, grace_days=0)
    for name, expected in tuned(base).items():
        assert np.array_equal(there["lenet@2"].tensors[name].numpy(), expected)
    assert_sound(there, 1)
    receive()
    assert_sound(there, 2)


def test_a_number_that_is_taken_is_told(here, there, send, receive, state):
    """The version gets the next one here."""
    there.commit("lenet", state(7))
    here.commit("lenet", state(1))
    send("lenet")
    [done] = receive().versions

    assert (done.number, done.version.number) == (1, 2)
    assert_sound(there, 2)


def test_a_tag_that_is_taken_stays(here, there, send, receive, state):
    """And a note says so."""
    for repository, seed in ((there, 7), (here, 1)):
        repository.commit("lenet", state(seed))
        tag(repository, "lenet", "v1")
    own = there["lenet@v1"].id
    send("lenet")
    done = receive()

    assert "v1" in done.notes[0]
    assert there["lenet@v1"].id == own


def test_what_was_forgotten_is_restored(here, there, send, receive, state):
    """And what was freed is fetched again, under a new number; a rebuild agrees."""
    here.commit("lenet", state(1))
    send("lenet")
    receive()
    remove(there, ["lenet@1"])
    [restored] = receive().versions
    assert (restored.created, restored.received) == (False, 0)
    assert_sound(there, 1)

    remove(there, ["lenet@1"])
    collect_garbage(there, grace_days=0)
    [again] = receive().versions
    assert again.created
    assert again.version.number == 2
    assert_sound(there, 1)
    there.close()
    assert rebuild(there.root).versions == 1
    with Repository.open(there.root) as rebuilt:
        assert rebuilt["lenet@2"].id == here["lenet"].id
        assert_sound(rebuilt, 1)


def test_a_new_tag_of_a_known_version_arrives(here, there, send, receive, state):
    """Without any pack."""
    here.commit("lenet", state(1))
    send("lenet")
    receive()
    tag(here, "lenet", "v1")
    send("lenet")
    receive()

    assert there["lenet@v1"].id == here["lenet"].id
    assert_sound(there, 1)


def test_an_interrupted_fetch_goes_on(here, there, remote, send, receive, state, monkeypatch):
    """What was downloaded is not downloaded again; nothing is left at the end."""
    here.commit("lenet", state(1))
    send("lenet")
    read, whole = remote.read, []

    def failing(pack, offset, size):
        if offset == 0 and size == remote.size(pack) and size > 10_000:
            whole.append(size)
        if len(whole) == 2:
            raise StorageError("the network is gone")
        return read(pack, offset, size)

    monkeypatch.setattr(remote, "read", failing)
    try:
        receive()
    except StorageError:
        monkeypatch.setattr(remote, "read", read)
        [done] = receive().versions
        assert done.created
        assert done.received < sum(whole)
    assert not [path for path in there.layout.transit.rglob("*") if path.is_file()]
    assert_sound(there, 1)


def test_a_network_travels(here, there, send, receive):
    """With the tensors of its states, and its rows for queries."""
    commit_state(here, "small", small_state(4), options=CommitOptions(network=small_captured()))
    send("small")
    receive()

    assert there["small"].description.network == here["small"].description.network
    assert there.catalog.ask("select name from node")
    assert_sound(there, 1)
