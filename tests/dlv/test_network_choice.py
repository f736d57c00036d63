"""The network of a commit: the most informative source wins, and nothing stops a commit."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_networks import small_captured, small_network

from modelhub.dlv import network_choice
from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.errors import InputError
from modelhub.network import network_id
from modelhub.wrappers import Captured

GIVEN = CommitOptions(network=small_captured(), network_from="test")


class Reader:
    """Reads files that end with `.net`: what a text in them says."""

    name = "net"

    def __init__(self) -> None:
        self.read_files: list[str] = []

    def claims(self, path: Path) -> bool:
        return path.suffix == ".net"

    def read(self, path: Path) -> Captured:
        self.read_files.append(path.name)
        text = path.read_text()
        if text == "broken":
            raise ZeroDivisionError("what nobody thought of")
        captured = small_captured(kind="AVG")
        if text == "partial":
            return replace(captured, network=replace(captured.network, partial="no edges"))
        if text == "other":
            states = [each for each in captured.network.states if each.name != "steps"]
            return replace(captured, network=replace(captured.network, states=states))
        return replace(captured, notes=["read"])


class Readers(dict[str, Reader]):
    def get(self, name: str) -> Reader:  # type: ignore[override]
        return self[name]


@pytest.fixture
def reader(monkeypatch) -> Reader:
    found = Reader()
    monkeypatch.setattr(network_choice, "NETWORK_READERS", Readers(net=found))
    monkeypatch.setattr(network_choice, "DESCRIBING", {})
    return found


@pytest.fixture
def files(root, save, state):
    """Weights, and a file that describes a network in a word."""

    def write(word: str, **more) -> list[Path]:
        path = root / "model.net"
        path.write_text(word)
        return [save("model.safetensors", {**state, **more}), path]

    return write


@pytest.mark.usefixtures("reader")
def test_a_file_describes_the_network(repository, files) -> None:
    """It is found without being asked for, and where it comes from is said."""
    done = commit(repository, "lenet", paths=files("whole"))

    assert done.network is not None
    assert done.network.id == network_id(small_network(kind="AVG"))
    assert done.network_from == "model.net (net)"
    assert done.notes == ["read"]


def test_the_same_file_is_not_read_again(repository, files, reader) -> None:
    """A parent's network is taken if the describing file is the same and the weights fit."""
    first = commit(repository, "lenet", paths=files("whole"))
    second = commit(repository, "lenet", paths=files("whole", **{"conv.bias": np.ones(8, "f4")}))

    assert second.created
    assert second.network == first.network
    assert second.network_from == "lenet@1"
    assert reader.read_files == ["model.net"]
    commit(repository, "lenet", paths=files("whole "))
    assert len(reader.read_files) == 2


def test_what_is_given_wins(repository, files, reader) -> None:
    """Nothing is read then."""
    done = commit(repository, "lenet", paths=files("whole"), options=GIVEN)

    assert done.network is not None
    assert done.network.id == network_id(small_network())
    assert reader.read_files == []


@pytest.mark.usefixtures("reader")
def test_a_reader_that_fails_stops_nothing(repository, files) -> None:
    """One line says so, and the next best is used."""
    commit(repository, "lenet", paths=files("whole"), options=GIVEN)
    broken = commit(repository, "lenet", paths=files("broken", **{"conv.bias": np.ones(8, "f4")}))

    assert broken.network_from == "lenet@1"
    assert broken.notes == ["model.net: its network was not read: what nobody thought of"]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("word", ["partial", "other"])
def test_a_network_that_is_less_good_is_kept_if_there_is_no_better(repository, files, word) -> None:
    """With a note if the weights do not fit; the parent's is better where its weights are alike."""
    done = commit(repository, "new", paths=files(word))
    assert done.network_from == "model.net (net)"
    told = [each for each in done.notes if "do not fit" in each]
    assert told == (
        ["the weights do not fit the network of model.net (net): not in the network: steps"]
        if word == "other"
        else []
    )

    commit(repository, "lenet", paths=files("whole"), options=GIVEN)
    better = commit(repository, "lenet", paths=files(word))
    assert better.network_from == "lenet@1"


def test_the_parents_network_is_kept_for_weights_of_the_same_shapes(repository, state) -> None:
    """And for no others: it is never taken silently."""
    commit_state(repository, "lenet", state, options=GIVEN)
    state["conv.bias"] += 1
    same = commit_state(repository, "lenet", state)
    wider = commit_state(repository, "lenet", {**state, "conv.bias": np.zeros(9, np.float32)})

    assert (same.network_from, same.network is not None) == ("lenet@1", True)
    assert wider.network is None or wider.network.dialect == "names"


def test_given_weights_must_fit(repository, state, save) -> None:
    """Which names and shapes do not; nothing is recorded, from files or from memory."""
    state["fc.weight"] = state["fc.weight"].T.copy()
    del state["steps"]
    said = "network of test: missing: steps; of another shape: fc.weight 128x64 instead of 64x128"
    with pytest.raises(InputError, match=said):
        commit_state(repository, "lenet", state, options=GIVEN)
    with pytest.raises(InputError, match=said):
        commit(repository, "lenet", paths=[save("m.safetensors", state)], options=GIVEN)
    assert list(repository) == []


def test_the_snapshot_that_does_not_fit_is_named(repository, state, save) -> None:
    """Of several."""
    paths = [save("m_0010.safetensors", state)]
    paths.append(save("m_0020.safetensors", {**state, "more": np.zeros(2)}))
    with pytest.raises(InputError, match=r"not in the network: more \(snapshot step-20\)"):
        commit(repository, "lenet", paths=paths, options=GIVEN)
