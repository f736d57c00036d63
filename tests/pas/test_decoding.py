"""Tests of `modelhub.pas.decoding`."""

from dataclasses import replace

import pytest

from modelhub.errors import IntegrityError
from modelhub.pas.decoding import GroupDecoder, Span, unreadable
from modelhub.pas.fetch import fetch


@pytest.fixture
def stored(archive, tools):
    """A tensor of three groups, the last one short."""
    [info] = archive.write([tools.noise("int16", (2500,))])
    return archive.index.find_tensor(info.id)


def test_a_span_shrinks_as_elements_are_taken_care_of(stored):
    """What is left begins where the rest of the memory begins."""
    out = memoryview(bytearray(5000))
    span = Span.whole(stored, out).after(2000)

    assert (span.start, span.stop, span.width, len(span.out)) == (2000, 2500, 2, 1000)
    span.target(2001, 2003)[:] = b"abcd"
    assert bytes(out[4002:4006]) == b"abcd"
    assert Span.whole(stored, None).after(7).target(7, 8) is None


@pytest.mark.parametrize(("start", "stop"), [(0, 2500), (999, 1001), (2100, 2200), (1000, 2000)])
@pytest.mark.parametrize("has_memory", [True, False])
def test_only_the_wanted_elements_are_made(archive, stored, start, stop, has_memory):
    """Of the first and last group only what is asked for, wherever it is to go."""
    raw = archive.read(stored.info.id)[2 * start : 2 * stop]
    out = memoryview(bytearray(len(raw))) if has_memory else None
    decoder = GroupDecoder(stored, Span(start=start, stop=stop, width=2, out=out))
    groups = list(fetch(archive.store, stored, decoder.groups, width=decoder.level_width))
    pieces = [bytes(decoder.decode(group)) for group in groups]

    assert b"".join(pieces) == raw
    assert out is None or bytes(out) == raw
    assert decoder.stop_of(groups[-1]) == stop


def test_damage_names_the_tensor(archive, stored):
    """A checksum that does not match is an error with the tensor and the way out."""
    decoder = GroupDecoder(stored, Span.whole(stored, None))
    group = next(fetch(archive.store, stored, decoder.groups, width=2))
    [entry] = group.entries
    wrong = replace(group, entries=(replace(entry, checksum=entry.checksum ^ 1),))

    with pytest.raises(IntegrityError, match=f"^tensor {stored.info.id} .*run dlv fsck$"):
        decoder.decode(wrong)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"encoding": "later"}, "a later version"),
        ({"encoding": "planes-zstd", "base": "0" * 64}, "has no deltas"),
    ],
)
def test_what_nobody_can_decode_is_refused(stored, change, said):
    """An unknown encoding, or a base that the encoding has no use for."""
    odd = replace(stored, **change)
    with pytest.raises(IntegrityError, match=said):
        GroupDecoder(odd, Span.whole(odd, None))


def test_one_line_says_what_cannot_be_read():
    """The tensor, the reason, the way out."""
    error = unreadable("ab", IntegrityError("bad"))
    assert str(error) == "tensor ab cannot be read: bad; run dlv fsck"
