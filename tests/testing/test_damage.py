"""Damage is varied, repeatable, and never waits."""

import os
from random import Random

import pytest

from modelhub.testing.damage import copy_of, damaged, soon

RAW = bytes(range(200))


def test_damage_is_varied_and_repeatable() -> None:
    """Nearly every copy is another; a seed says which."""
    found = [damaged(RAW, random) for random in [Random(3)] for _ in range(50)]
    assert len(set(found)) > 40
    assert found == [damaged(RAW, random) for random in [Random(3)] for _ in range(50)]
    assert damaged(b"", Random(0)) is not None


def test_copies_keep_the_name(tmp_path) -> None:
    """The sound file stays."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"sound")
    assert copy_of(tmp_path, path, b"cut").name == "a.txt"
    assert path.read_bytes() == b"sound"


def test_whoever_waits_at_a_pipe_is_found(tmp_path, monkeypatch) -> None:
    """And let go."""
    monkeypatch.setattr("modelhub.testing.damage.PATIENCE", 0.2)
    os.mkfifo(tmp_path / "pipe")
    assert soon(lambda path: path.is_file(), tmp_path / "pipe") is False
    with pytest.raises(AssertionError, match="pipe is a pipe"):
        soon(lambda path: path.read_bytes(), tmp_path / "pipe")
