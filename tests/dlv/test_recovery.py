"""The catalog made again from the objects."""

import numpy as np
from small_networks import small_captured, summary_of

from modelhub.dlv import alias, annotate, check, collect_garbage, rebuild, remove, tag
from modelhub.dlv.catalog.networks import summarize
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.repository import Repository
from modelhub.network import network_id


def test_everything_is_found_again(root, repository) -> None:
    """Versions, numbers, tags, aliases, annotations, what is removed, what was freed."""
    for number in range(4):
        repository.commit("net", {"w": np.full(2000, number, np.float32)}, metrics={"m": number})
    tag(repository, "net@1", "v1")
    alias(repository, "net@2", "now")
    annotate(repository, "net@1", metrics={"later": 3.5}, notes={"n": "x"})
    remove(repository, ["net@4"])
    collect_garbage(repository, grace_days=0)
    remove(repository, ["net@3"])
    repository.close()
    for path in repository.layout.folder.glob("catalog.db*"):
        path.unlink()

    assert rebuild(root).lost == {}
    with Repository.open(root) as again:
        assert [str(v.ref) for v in again] == ["net@1", "net@2"]
        assert again["net@v1"].metrics == {"m": 0, "later": 3.5}
        assert again["net@now"].number == 2
        assert check(again).is_clean
        assert again.commit("net", {"w": np.zeros(3)}).number == 5


def test_a_damaged_object_is_left_out_and_named(root, repository, state) -> None:
    """What depends on it is lost, and said; the rest is there."""
    repository.commit("one", state)
    before = set(repository.store.ids())
    repository.commit("two", {"w": np.arange(5000.0)})
    (fresh,) = set(repository.store.ids()) - before
    repository.close()
    path = repository.layout.objects / fresh[:2] / fresh[2:]
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])
    done = rebuild(root)
    assert list(done.damaged) == [fresh]
    with Repository.open(root) as again:
        assert [str(v.ref) for v in again] == ["one@1"]


def test_networks_are_found_again(root, repository, state) -> None:
    """With all their relations, once for all versions that name them."""
    captured = small_captured()
    for name in ("one", "two"):
        commit_state(repository, name, state, options=CommitOptions(network=captured))
    repository.close()
    for path in repository.layout.folder.glob("catalog.db*"):
        path.unlink()

    assert rebuild(root).lost == {}
    with Repository.open(root) as again:
        brief = summary_of(again.catalog, network_id(captured.network))
        assert brief == summarize(captured.network, network_id(captured.network))
        assert read_network(again, network_id(captured.network)).dialect == "aten"
        assert check(again).is_clean
