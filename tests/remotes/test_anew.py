"""Tests of `modelhub.remotes.anew`."""

from functools import partial

import numpy as np

from modelhub.dlv.catalog.versions import recipe_of
from modelhub.pas import ArchiveReader, ArchiveWriter, MemoryIndex, MemoryStore
from modelhub.remotes.anew import encode_blobs, encode_tensors
from modelhub.remotes.needs import needs_of


def test_what_is_encoded_anew_needs_nothing_else(here, state, tuned):
    """A delta becomes a whole tensor of the same id; a blob stands alone, with its role."""
    base = state(1)
    here.commit("lenet", base)
    here.commit("lenet", tuned(base))
    needs = needs_of(here["lenet@2"].id, here.reader, partial(recipe_of, here.catalog))
    store, index = MemoryStore(), MemoryIndex()
    with ArchiveWriter(store, MemoryIndex()) as writer:
        encode_tensors(needs.tensors, here.reader, here.index, writer)
        encode_blobs(needs.blobs, needs, here.reader, writer)
    for each in writer.packs:
        index.register(each.id, each.footer)

    assert all(stored.base is None for stored in (*index.tensors(), *index.blobs()))
    assert {b.id: b.role for b in index.blobs() if b.role != "block"} == dict(needs.blobs)
    with ArchiveReader(store, index) as reader:
        for name, expected in tuned(base).items():
            id_ = here["lenet@2"].tensors[name].id
            found = np.frombuffer(reader.read(id_), expected.dtype).reshape(expected.shape)
            assert np.array_equal(found, expected)
