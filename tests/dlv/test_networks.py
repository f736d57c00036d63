"""Networks go into the store and come back; what they refer to is checked."""

from dataclasses import replace
from typing import Any

import pytest
from small_networks import SCALE, scale_id, small_captured, small_network

from modelhub.dlv.networks import put_network, read_network
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.errors import InputError
from modelhub.network import network_id


def refused(problem: str) -> Any:
    return pytest.raises(InputError, match=f"scale.*{problem}|{problem}.*scale")


def test_a_network_comes_back_as_it_was(repository, state) -> None:
    """Its id is the blob's, and the values of its constants are tensors."""
    options = CommitOptions(network=small_captured())
    commit_state(repository, "lenet", state, options=options)

    found = read_network(repository, network_id(small_network()))

    assert network_id(found) == network_id(small_network())
    assert repository.reader.read(scale_id()) == SCALE.tobytes()


def test_a_value_that_is_not_brought(repository) -> None:
    """A constant without its value is refused, unless the store has it."""
    bare = replace(small_captured(), tensors={})
    with repository.writing("test"), repository.writer() as writer, refused("does not bring"):
        put_network(repository, writer, bare)


def test_a_value_that_is_another(repository) -> None:
    """Values are compared with their ids."""
    wrong = ("float32", (2,), memoryview(bytes(8)))
    captured = replace(small_captured(), tensors={scale_id(): wrong})
    with repository.writing("test"), repository.writer() as writer, refused("another value"):
        put_network(repository, writer, captured)
