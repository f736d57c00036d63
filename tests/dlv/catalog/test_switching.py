"""Tests of `modelhub.dlv.catalog.switching`."""

from dataclasses import replace
from itertools import pairwise

import pytest
from kindred import fill

from modelhub.dlv.catalog.switching import switch
from modelhub.errors import ConflictError


def stored(repository, number):
    return repository.index.find_tensor(repository[f"net@{number}"].tensors["fc"].id)


def switched(repository, copies, before):
    with repository.catalog.write() as connection:
        switch(connection, [], copies, before={each.info.id: each for each in before})


@pytest.fixture
def pair(repository):
    """A whole tensor, and a delta of it."""
    fill(repository, 2)
    return stored(repository, 1), stored(repository, 2)


def test_a_copy_takes_the_place_of_another(repository, pair):
    """Under a key that no copy has had, so that a reader never mixes two."""
    whole, _ = pair
    (old,) = repository.catalog.ask("select max(key) as key from copy")
    switched(repository, [replace(whole, copy=77, segments=())], pair)
    (new,) = repository.catalog.ask("select key from copy where number = 77")

    assert new.key == old.key + 1
    assert stored(repository, 1).segments == ()


def test_other_copies_than_those_that_were_planned_for(repository, pair):
    """Another number, or none at all: a conflict, and nothing is changed."""
    whole, delta = pair
    for before in (replace(delta, copy=5), replace(delta, base=None)):
        with pytest.raises(ConflictError, match="stored anew or freed"):
            switched(repository, [replace(whole, copy=77)], [whole, before])
    gone = replace(whole, info=replace(whole.info, id="0" * 64))
    with pytest.raises(ConflictError, match="run it again"):
        switched(repository, [], [gone])
    assert stored(repository, 1) == whole


def test_no_cycle_and_no_long_chain_can_be_published(repository, pair):
    """Whatever a plan says: deltas of each other, and more than seven bases."""
    whole, delta = pair
    with pytest.raises(ConflictError, match="delta of itself"):
        switched(repository, [replace(whole, base=delta.info.id)], pair)
    fill(repository, 12, name="long")
    ids = [repository[f"long@{n}"].tensors["fc"].id for n in range(1, 13)]
    chain = [repository.index.find_tensor(each) for each in ids]
    long = [replace(each, base=before.info.id) for before, each in pairwise(chain)]
    with pytest.raises(ConflictError, match="would need 8 bases"):
        switched(repository, [replace(chain[0], base=None), *long[:8]], chain)
