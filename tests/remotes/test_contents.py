"""Tests of `modelhub.remotes.contents`."""

import pytest

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.remotes.contents import Contents
from modelhub.remotes.documents import Parcel
from modelhub.remotes.remote import read_parcel, read_track


@pytest.fixture
def contents(here, send, remote, state, tuned):
    """A remote with a model and its fine-tune."""
    base = state(1)
    here.commit("lenet", base)
    here.commit("lenet", tuned(base))
    send("lenet@1", "lenet@2")
    found = Contents(remote)
    for entry in read_track(remote, "lenet")[1].versions:
        found.add(read_parcel(remote, entry.parcel))
    return found


def test_it_knows_what_its_packs_hold(contents, here):
    """Tensors, blobs, and the recipes of files."""
    for tensor in here["lenet@2"].tensors.values():
        assert contents.find_tensor(tensor.id).info.id == tensor.id
    file = here["lenet@2"].files[0]
    assert contents.find_blob(contents.recipe_of(file.id)).role == "recipe"
    assert contents.recipe_of("0" * 64) is None
    assert contents.blob_depth(here["lenet@1"].id) == 0


def test_bases_stand_before_what_needs_them(contents, here):
    """Each once."""
    delta, base = (here[f"lenet@{n}"].tensors["fc.weight"].id for n in (2, 1))

    assert contents.bases_of([delta, base]) == [base, delta]


def test_packs_are_those_that_hold_it(contents, here, remote):
    """The fine-tune's own differences lie apart from the base."""
    delta, base = (here[f"lenet@{n}"].tensors["fc.weight"].id for n in (2, 1))

    assert contents.packs_holding([delta], []).keys().isdisjoint(contents.packs_holding([base], []))
    assert all(remote.size(id_) == size for id_, size in contents.packs.items())
    assert contents.frames_of([here["lenet@1"].id])[0] == here["lenet@1"].id


def test_what_is_not_there_is_told(contents):
    """A tensor, a blob, a pack, or a pack of another size."""
    with pytest.raises(NotFoundError):
        contents.bases_of(["0" * 64])
    with pytest.raises(NotFoundError):
        contents.frames_of(["0" * 64])
    with pytest.raises(NotFoundError):
        contents.add(Parcel(version="0" * 64, packs={"0" * 64: 5}))
    with pytest.raises(IntegrityError, match="not as long"):
        contents.add(Parcel(version="0" * 64, packs={next(iter(contents.packs)): 5}))
