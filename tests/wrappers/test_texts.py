"""Text files within limits."""

import pytest

from modelhub.errors import DamagedFileError
from modelhub.wrappers.texts import (
    HEAD,
    MAX_LINE,
    head_of,
    lines,
    number_of,
    read_json,
    read_text,
    step_of,
)


def test_heads(tmp_path):
    """The first bytes; nothing of what cannot be read."""
    (tmp_path / "f").write_bytes(b"x" * 10_000)
    assert head_of(tmp_path / "f") == b"x" * HEAD
    assert head_of(tmp_path / "absent") == b""
    assert head_of(tmp_path) == b""
    assert head_of(tmp_path / "a\0b") == b""


def test_small_files(tmp_path):
    """The mark of the order of bytes is no text; limits are kept."""
    path = tmp_path / "f"
    path.write_bytes("\ufeff{}".encode())
    assert read_text(path) == "{}"
    assert read_json(path) == {}
    with pytest.raises(DamagedFileError, match="more than 3 bytes"):
        read_text(path, limit=3)
    path.write_bytes(b"ab\xff")
    with pytest.raises(DamagedFileError, match="not UTF-8 at byte 2"):
        read_text(path)


def test_lines(tmp_path):
    """With their number, and whether they are ended; spaces at their sides are theirs."""
    path = tmp_path / "f"
    path.write_bytes(b"a\r\n\tb \n\xff\nend")
    assert list(lines(path)) == [
        (1, "a", True),
        (2, "\tb ", True),
        (3, "\ufffd", True),
        (4, "end", False),
    ]
    path.write_bytes(b"x" * (MAX_LINE + 1))
    with pytest.raises(DamagedFileError, match="line 1 is longer"):
        list(lines(path))


def test_numbers():
    """What a value or a text says; booleans are none."""
    assert [number_of(each) for each in (1, 2.5, "3", " 1e-4 ", "nan")][:4] == [1, 2.5, 3, 1e-4]
    for other in (True, None, "", "x", [1], 10**400):
        assert number_of(other) is None


def test_steps():
    """The first of the names that are known, whatever its case, if it is finite."""
    assert step_of({"epoch": 1, " Step": "20"}) == (" Step", 20)
    assert step_of({"step": "nan", "epoch": 2}) == ("epoch", 2)
    assert step_of({"loss": 1}) is None
