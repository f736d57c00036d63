"""Tests of `modelhub.remotes.needs`."""

from functools import partial

import pytest
from small_networks import small_captured, small_state

from modelhub.dlv.catalog.versions import recipe_of
from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.errors import IntegrityError
from modelhub.remotes.needs import needs_of


def test_a_version_needs_all_that_it_is_read_with(here):
    """Its tensors, those of its network, and every blob with its role."""
    commit_state(here, "small", small_state(4), options=CommitOptions(network=small_captured()))
    needs = needs_of(here["small"].id, here.reader, partial(recipe_of, here.catalog))

    assert {tensor.id for tensor in here["small"].tensors.values()} <= set(needs.tensors)
    assert set(needs.blobs.values()) >= {"manifest", "network", "recipe", "literal"}
    assert needs.blobs[here["small"].id] == "manifest"
    assert needs.network is not None
    assert needs.raw_size == sum(file.size for file in here["small"].files)


def test_a_file_without_its_recipe_is_damage(here, state):
    """It says which file."""
    here.commit("lenet", state(1))

    with pytest.raises(IntegrityError, match=r"recipe of 'model\.safetensors' is missing"):
        needs_of(here["lenet"].id, here.reader, lambda _file: None)


def test_a_recipe_of_another_file_is_damage(here, state):
    """Whatever says that it is this one's."""
    here.commit("lenet", state(1))
    here.commit("lenet", state(2))
    other = recipe_of(here.catalog, here["lenet@1"].files[0].id)

    with pytest.raises(IntegrityError, match="makes another file"):
        needs_of(here["lenet@2"].id, here.reader, lambda _file: other)
