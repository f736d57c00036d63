"""Tests of `modelhub.remotes.choice`."""

import pytest

from modelhub.dlv.operations.names import tag
from modelhub.errors import InputError, NotFoundError
from modelhub.remotes import chosen, everything, models_of


@pytest.fixture
def published(here, send, state, remote):
    """A model of two versions, and another of one."""
    for seed in (1, 2):
        here.commit("lenet", state(seed))
    here.commit("org/vgg", state(3))
    tag(here, "lenet@1", "v1")
    send("lenet@1", "lenet@2", "org/vgg")
    return remote


def test_a_revision_is_looked_up_on_the_remote(published):
    """By number, by tag, as the latest."""

    def numbers(revision, *, all_versions=False):
        return [e.number for e in chosen(published, revision, all_versions=all_versions)[1]]

    assert numbers("lenet") == numbers("lenet@latest") == numbers("lenet@2") == [2]
    assert numbers("lenet@1") == numbers("lenet:v1") == [1]
    assert numbers("lenet", all_versions=True) == [1, 2]
    assert numbers("lenet@1", all_versions=True) == [1]


def test_what_is_not_there_is_told(published):
    """With what there is instead."""
    with pytest.raises(NotFoundError, match="did you mean lenet"):
        chosen(published, "lenet5", all_versions=True)
    with pytest.raises(NotFoundError, match="there are: 1, 2, v1, latest"):
        chosen(published, "lenet@x", all_versions=True)
    with pytest.raises(InputError, match="fetch the version"):
        chosen(published, "lenet@1~1", all_versions=True)


def test_everything_is_everything(published):
    """All versions of all models; and a list of them."""
    assert [len(entries) for _, entries in everything(published)] == [2, 1]
    lenet, vgg = models_of(published)
    assert (lenet.name, lenet.numbers, lenet.tags) == ("lenet", [1, 2], ["v1"])
    assert (vgg.name, vgg.numbers, vgg.tags) == ("org/vgg", [1], [])
