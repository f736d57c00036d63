"""Tests of `modelhub.pas.frames`."""

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.errors import IntegrityError
from modelhub.pas import frames


@given(st.binary(max_size=2000), st.none() | st.binary(max_size=2000))
@settings(max_examples=60)
def test_frames_come_back(raw, base):
    """With and without a base, and its size stands in the header."""
    frame = frames.compress(raw, level=3, base=base)

    assert frames.content_size(frame, most=2000) == len(raw)
    assert frames.decompress(frame, len(raw), base=base) == raw


def test_another_size_is_refused():
    """A frame is not decoded unless it declares what is expected."""
    frame = frames.compress(bytes(1000), level=3)

    with pytest.raises(IntegrityError, match="declares 1000 bytes instead of 999"):
        frames.decompress(frame, 999)
    with pytest.raises(IntegrityError, match="at most 999 are allowed"):
        frames.content_size(frame, most=999)


@pytest.mark.parametrize("extra", [b"x", frames.compress(b"more", level=1)])
def test_bytes_after_the_frame_are_refused(extra):
    """A stored frame is exactly one frame."""
    with pytest.raises(IntegrityError, match="damaged"):
        frames.decompress(frames.compress(b"raw", level=3) + extra, 3)


def test_a_frame_without_a_size_is_refused():
    """The size must stand in the header."""
    frame = zstandard.ZstdCompressor(write_content_size=False).compress(b"raw")

    with pytest.raises(IntegrityError):
        frames.decompress(frame, 3)
    with pytest.raises(IntegrityError):
        frames.content_size(frame, most=100)


@given(st.binary(max_size=100))
@settings(max_examples=60)
def test_any_bytes_are_refused_with_an_integrity_error(data):
    """Nothing but IntegrityError leaves, whatever the bytes."""
    with pytest.raises(IntegrityError):
        frames.decompress(data, 1 << 20)
