"""Groups of `levels-rans`, written once, are read for ever: by us, and from the spec alone."""

import hashlib
import json
from base64 import b64decode
from pathlib import Path

import levels_decoder
import pytest

from modelhub.pas import Chunk
from modelhub.pas.encodings.levels import LevelsRans
from modelhub.pas.kernels.choosing import kernels

DATA = Path(__file__).parent.parent / "data/format/levels-rans"
OLD = json.loads((DATA / "vectors.json").read_text())  # of version 1
NEW = json.loads((DATA / "vectors-2.json").read_text())
VECTORS = [*OLD, *NEW]


def name_of(vector):
    return f"{vector['name']}-{1 if vector in OLD else 2}"


def chunks_of(vector):
    return [(mode, b64decode(data)) for mode, data in vector["chunks"]]


def base_of(vector):
    return b64decode(vector["base"]) if "base" in vector else None


def decoded(vector, encoding):
    out = memoryview(bytearray(vector["size"]))
    chunks = [Chunk(*pair) for pair in chunks_of(vector)]
    encoding.decode(chunks, out, dtype=vector["dtype"], base=base_of(vector))
    return bytes(out)


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_the_specification_is_enough(vector):
    """A decoder of less than 300 lines that knows only the page makes every group."""
    raw = levels_decoder.decode(
        chunks_of(vector),
        width=vector["width"],
        size=vector["size"],
        base=base_of(vector) or b"",
    )

    assert hashlib.sha256(raw).hexdigest() == vector["sha256"]


@pytest.mark.parametrize("name", kernels())
@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_today_reads_it(vector, name):
    """Every kernel makes the group."""
    raw = decoded(vector, LevelsRans(kernels()[name]))

    assert hashlib.sha256(raw).hexdigest() == vector["sha256"]


@pytest.mark.parametrize("name", kernels())
@pytest.mark.parametrize("vector", NEW, ids=name_of)
def test_today_writes_it(vector, name):
    """Every kernel makes the very same chunks of the group."""
    encoding = LevelsRans(kernels()[name])
    again = encoding.encode(
        decoded(vector, encoding),
        dtype=vector["dtype"],
        base=base_of(vector),
        delta=vector.get("delta", "hier-sub"),
    )
    has_zstd = vector["name"].endswith("repeating")  # its frames are its library's
    assert has_zstd or [(c.mode, bytes(c.data)) for c in again] == chunks_of(vector)


def test_all_schemes_and_modes_are_there():
    """Nothing of the page is without an example."""
    streams = {1: (2, 1, 1, 1), 2: (2, 1), 3: (1, 1), 4: (3, 1, 1, 1, 1, 1, 1, 1), 5: (1,)}
    schemes, modes = set(), set()
    for vector in VECTORS:
        for level, (number, data) in enumerate(chunks_of(vector)):
            scheme = number & 63
            schemes.add(number)
            count = vector["width"] if scheme == 6 else streams[scheme][level]
            modes |= {data[5 * each] for each in range(count)}

    assert {number & 63 for number in schemes} == {1, 2, 3, 4, 5, 6}
    assert {number & ~63 for number in schemes} == {0, 64, 128, 192}
    assert modes == set(range(8))
