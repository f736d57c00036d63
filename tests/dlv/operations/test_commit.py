"""Commit: files and tensors in memory become versions; nothing changes behind one's back."""

import os

import numpy as np
import pytest

from modelhub.dlv.operations.add import add
from modelhub.dlv.operations.commit import CommitOptions, commit
from modelhub.dlv.operations.fsck import check
from modelhub.dlv.repository import Repository
from modelhub.dlv.staging import read_staging
from modelhub.errors import ConflictError, DamagedFileError, InputError, NotFoundError


def test_files_come_back_byte_for_byte(repository, save, state, root, tmp_path) -> None:
    """What is committed is what is checked out."""
    path = save("checkpoints/model_0010.safetensors", state)
    script = root / "train.py"
    script.write_bytes(b"print('hello')\n")
    done = commit(repository, "lenet", paths=[root])

    repository["lenet"].checkout(tmp_path / "out")

    assert done.created
    assert (tmp_path / "out/checkpoints/model_0010.safetensors").read_bytes() == path.read_bytes()
    assert (tmp_path / "out/train.py").read_bytes() == script.read_bytes()


def test_identical_content_makes_nothing(repository, save, state) -> None:
    """The second commit of the same files says so, and names the version that holds them."""
    path = save("model.safetensors", state)
    first = commit(repository, "lenet", paths=[path])
    packs = sorted(repository.store.ids())
    second = commit(repository, "lenet", paths=[path], options=CommitOptions(message="again"))

    assert not second.created
    assert second.version == first.version
    assert sorted(repository.store.ids()) == packs


def test_numbers_grow_and_parents_follow(repository, save, state) -> None:
    """The next version of a name descends from its latest one."""
    first = commit(repository, "lenet", paths=[save("model.safetensors", state)])
    state["conv.bias"] += 1
    second = commit(repository, "lenet", paths=[save("model.safetensors", state)])

    assert (first.version.number, second.version.number) == (1, 2)
    assert [p.ref for p in repository["lenet"].parents] == [first.version]


def test_several_parents_make_a_merge(repository, state) -> None:
    """Parents are kept in the order in which they are given."""
    one = repository.commit("one", state)
    two = repository.commit("two", {**state, "conv.bias": np.ones(8, np.float32)})
    merged = repository.commit("merged", {"w": np.ones(3)}, parents=["two", one])

    assert [str(p.ref) for p in merged.parents] == [str(two.ref), str(one.ref)]


def test_equal_tensors_are_stored_once(repository, save, state) -> None:
    """A second file with the same tensors adds a literal and a recipe, no weights."""
    commit(repository, "lenet", paths=[save("a.safetensors", state)])
    again = commit(
        repository, "other", paths=[save("b.safetensors", dict(reversed(state.items())))]
    )

    assert again.stored_size < 3000


def test_snapshots_are_found_from_names(repository, save, state) -> None:
    """Steps in file and folder names make snapshots, ordered by step; the rest is the final one."""
    save("checkpoint-20/model.safetensors", state)
    save("checkpoint-3/model.safetensors", {**state, "conv.bias": np.ones(8, np.float32)})
    save("model.safetensors", {**state, "conv.bias": np.full(8, 2, np.float32)})
    done = commit(repository, "lenet", paths=[repository.root])

    assert list(done.snapshots) == ["step-3", "step-20", "final"]
    assert repository["lenet@1#step=20"].tensors["conv.bias"].numpy().tolist() == [0] * 8


def test_a_step_is_given_by_hand(repository, save, state) -> None:
    """`--step` and `--snapshot` win over what names say."""
    path = save("checkpoint-20/model.safetensors", state)
    commit(repository, "lenet", paths=[path], options=CommitOptions(snapshot="mine", step=7))

    assert repository["lenet@1/mine"].description.snapshots[0].step == 7


def test_a_state_dict_is_committed_from_memory(repository, state, tmp_path) -> None:
    """Tensors in memory become a safetensors file that other tools read."""
    from safetensors.numpy import load_file

    version = repository.commit("lenet", state, metrics={"accuracy": 0.5}, step=3)
    version.checkout(tmp_path)
    loaded = load_file(tmp_path / "model.safetensors")

    assert version.metrics == {"accuracy": 0.5}
    assert version.snapshots == ["step-3"]
    assert loaded.keys() == state.keys()
    assert all(np.array_equal(loaded[name], state[name]) for name in state)


def test_tags_arrive_with_the_version(repository, state) -> None:
    """A version and its tags are published together."""
    version = repository.commit("lenet", state, tags=["v1", "paper"])

    assert repository["lenet@paper"] == repository["lenet@v1"] == version


def test_staged_files_are_committed_and_forgotten(repository, save, state) -> None:
    """`add` then `commit` is the same as `commit` with files."""
    add(repository, [save("model.safetensors", state)])
    commit(repository, "lenet")

    assert not read_staging(repository.layout).files
    with pytest.raises(InputError, match="nothing is staged"):
        commit(repository, "lenet")


def test_a_file_that_changed_since_it_was_staged_is_refused(repository, save, state) -> None:
    """Nothing is committed that was not staged."""
    path = save("model.safetensors", state)
    add(repository, [path])
    state["conv.bias"] += 1
    save("model.safetensors", state)

    with pytest.raises(ConflictError, match="changed since it was added"):
        commit(repository, "lenet")
    assert list(repository) == []


def test_a_file_that_vanished_since_it_was_staged_is_refused(repository, save, state) -> None:
    """The message names it."""
    path = save("model.safetensors", state)
    add(repository, [path])
    path.unlink()

    with pytest.raises(InputError, match=r"model\.safetensors has vanished"):
        commit(repository, "lenet")


def test_a_file_that_changes_while_it_is_read_is_refused(repository, save, state) -> None:
    """The commit stops, and nothing of it is visible."""
    path = save("model.safetensors", state)
    touched = False

    def touch(_label: str, _done: int, _total: int) -> None:
        nonlocal touched
        if not touched:
            touched = True
            with path.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                file.write(b"\xff")

    with pytest.raises(ConflictError, match="changed while it was being added"):
        commit(repository, "lenet", paths=[path], progress=touch)
    assert list(repository) == []
    assert check(repository).is_clean


@pytest.mark.parametrize("name", ["a b", "", "../x", "a//b", "-a", "a/", "a\n", "ä", "x" * 129])
def test_impossible_names_are_refused(repository, state, name) -> None:
    """The rule stands in the message."""
    with pytest.raises(InputError, match="characters of A-Z a-z 0-9"):
        repository.commit(name, state)


def test_an_unknown_parent_is_refused(repository, state) -> None:
    """Nothing is recorded, and the message says what there is."""
    repository.commit("lenet", state)
    with pytest.raises(NotFoundError, match="lenet"):
        repository.commit("child", state, parents=["lennet"])
    assert len(list(repository)) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "does not exist"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (os.mkfifo, "neither a file nor a folder"),
    ],
)
def test_what_cannot_be_added(repository, root, make, message) -> None:
    """Each says what is wrong with it."""
    path = root / "thing"
    make(path)
    with pytest.raises(InputError, match=message):
        commit(repository, "lenet", paths=[path])


def test_files_outside_the_repository_are_refused(repository, tmp_path) -> None:
    """A version holds paths below its root only."""
    path = tmp_path / "outside.bin"
    path.write_bytes(b"1")
    with pytest.raises(InputError, match="outside the repository's folder"):
        commit(repository, "lenet", paths=[path])


def test_a_damaged_checkpoint_is_refused_unless_taken_whole(repository, save, state) -> None:
    """A truncated file is most often an accident; taking it as it is must be said."""
    path = save("model.safetensors", state)
    path.write_bytes(path.read_bytes()[:-5])

    with pytest.raises(DamagedFileError, match=r"model\.safetensors"):
        commit(repository, "lenet", paths=[path])
    done = commit(repository, "lenet", paths=[path], options=CommitOptions(whole=[str(path)]))
    assert done.created


def test_an_empty_state_dict_is_refused(repository) -> None:
    """There is nothing to commit."""
    with pytest.raises(InputError, match="empty"):
        repository.commit("lenet", {})


def test_special_values_come_back_bit_for_bit(repository) -> None:
    """NaN payloads, infinities, -0, subnormals, no elements and no extents."""
    bits = np.array([0x7FC00001, 0xFF800000, 0x80000000, 1, 0x7F800001], np.uint32)
    state = {
        "special": bits.view(np.float32),
        "empty": np.zeros((0, 3), np.float32),
        "scalar": np.array(-0.0),
    }
    tensors = repository.commit("odd", state).tensors

    assert tensors["special"].numpy().view(np.uint32).tolist() == bits.tolist()
    assert tensors["empty"].shape == (0, 3)
    assert np.signbit(tensors["scalar"].numpy())


def test_small_commits_are_merged_into_fewer_packs(repository) -> None:
    """Many tiny versions do not mean as many objects."""
    for number in range(150):
        repository.commit("tiny", {"w": np.full(4, number, np.float32)})

    assert len(list(repository.store.ids())) < 100
    assert repository["tiny@17"].tensors["w"].numpy().tolist() == [16.0] * 4
    assert check(repository).is_clean


def test_a_commit_from_memory_holds_one_copy(repository: Repository) -> None:
    """The elements are read where they are: memory grows by far less than the model."""
    import tracemalloc

    state = {"w": np.random.default_rng(0).normal(size=(4096, 4096)).astype(np.float32)}
    tracemalloc.start()
    repository.commit("big", state)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 1.5 * state["w"].nbytes
