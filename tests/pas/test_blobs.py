"""Tests of `modelhub.pas.blobs`."""

import numpy as np
import pytest
from blake3 import blake3

from modelhub.errors import InputError, IntegrityError
from modelhub.pas import MAX_BLOB_RAW, MAX_BLOB_RAW_WRITTEN, MAX_DEPTH


def text(seed):
    """About 2 kB that compress little, and a line that differs."""
    noise = np.random.default_rng(0).integers(0, 256, 1500, np.uint8).tobytes()
    return noise + b"version %d" % seed


def write(archive, *blobs):
    """Blobs as (raw, base) -> their ids."""
    with archive.writer() as writer:
        ids = [writer.put_blob(raw, role="literal", base=base) for raw, base in blobs]
    archive.register(writer.packs)
    return ids


@pytest.mark.parametrize("raw", [b"", b"x", text(0), bytes(MAX_BLOB_RAW_WRITTEN)])
def test_a_blob_comes_back(archive, raw):
    """Its id is the BLAKE3 of its bytes, and reading gives the bytes."""
    [id_] = write(archive, (raw, None))
    with archive.reader() as reader:
        assert id_ == blake3(raw).hexdigest()
        assert reader.blob(id_) == raw


def test_a_blob_is_stored_once(archive):
    """In one writer, and over writers."""
    ids = write(archive, (b"x", None), (b"x", None)) + write(archive, (b"x", None))

    assert len(set(ids)) == 1
    assert len(list(archive.store.ids())) == 1


@pytest.mark.parametrize("writers", [1, 2])
def test_a_blob_like_another_is_stored_against_it(archive, writers):
    """A base makes it small, whether the base was written before or just now."""
    if writers == 1:
        with archive.writer() as writer:
            first = writer.put_blob(text(1), role="literal")
            second = writer.put_blob(text(2), role="literal", base=first)
        archive.register(writer.packs)
    else:
        [first] = write(archive, (text(1), None))
        [second] = write(archive, (text(2), first))
    stored = archive.index.find_blob(second)
    with archive.reader() as reader:
        assert reader.blob(second) == text(2)

    assert stored.base == first
    assert stored.location.size < 200


def test_a_base_that_does_not_help_is_not_needed(archive):
    """A blob unlike its base is stored alone."""
    [first] = write(archive, (text(1), None))
    [second] = write(archive, (b"quite different", first))

    assert archive.index.find_blob(second).base is None


@pytest.mark.parametrize("one_by_one", [True, False])
def test_chains_are_bounded(archive, one_by_one):
    """No blob needs more than eight others, and each of a long chain is read back."""
    raws = [text(number) for number in range(25)]
    if one_by_one:
        ids = []
        for raw in raws:
            ids += write(archive, (raw, ids[-1] if ids else None))
    else:
        with archive.writer() as writer:
            last = None
            ids = []
            for raw in raws:
                last = writer.put_blob(raw, role="literal", base=last)
                ids.append(last)
        archive.register(writer.packs)
    depths = [archive.index.blob_depth(each) for each in ids]
    with archive.reader() as reader:
        assert [reader.blob(each) for each in ids] == raws

    assert max(depths) == MAX_DEPTH


def test_a_lost_base_is_no_obstacle(archive):
    """A blob whose base cannot be read is stored alone."""
    [first] = write(archive, (text(1), None))
    for pack in list(archive.store.ids()):
        archive.store.delete(pack)
    [second, third] = write(archive, (text(2), first), (text(3), "0" * 64))

    assert archive.index.find_blob(second).base is None
    assert archive.index.find_blob(third).base is None


def test_a_damaged_base_is_named(archive):
    """A blob that needs a damaged one cannot be read, and the error names the damaged one."""
    [first] = write(archive, (text(1), None))
    [second] = write(archive, (text(2), first))
    place = archive.index.find_blob(first).location
    data = bytearray(archive.store.read(place.pack, 0, archive.store.size(place.pack)))
    data[place.offset + 20] ^= 1
    archive.store._objects[place.pack] = bytes(data)

    with archive.reader() as reader, pytest.raises(IntegrityError, match=f"{first}.*{place.pack}"):
        reader.blob(second)


def test_blobs_that_are_too_long_are_refused(archive):
    """4 MiB for a literal, 16 MiB for the rest; blocks are the writer's own."""
    with archive.writer() as writer:
        for raw, role in [
            (bytes(MAX_BLOB_RAW_WRITTEN + 1), "literal"),
            (bytes(MAX_BLOB_RAW + 1), "manifest"),
            (b"", "block"),
        ]:
            with pytest.raises(InputError):
                writer.put_blob(raw, role=role)
        writer.put_blob(b"fine", role="record")

    assert len(writer.packs) == 1


def test_a_recipe_names_its_file(archive):
    """The file id stands beside the recipe, so that a rebuild finds it."""
    with archive.writer() as writer:
        id_ = writer.put_blob(b"{}", role="recipe", file="f" * 64)
    archive.register(writer.packs)

    assert archive.index.find_blob(id_).file == "f" * 64
    assert archive.index.find_blob(id_).role == "recipe"
