"""Writes that survive, or leave things as they were."""

import errno
from pathlib import Path

import pytest

from modelhub import durable
from modelhub.errors import StorageError


def test_files_are_written_whole(tmp_path: Path) -> None:
    """Parts of any kind of buffer, empty ones too; an existing file is never overwritten."""
    path = tmp_path / "a"
    durable.write_file(path, [b"ab", bytearray(b"c"), memoryview(b"d"), b""])
    assert path.read_bytes() == b"abcd"
    with pytest.raises(FileExistsError):
        durable.write_file(path, [b"x"])


def test_replacing_is_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every step that can fail, the old or the new bytes are there."""
    path = tmp_path / "a"
    path.write_bytes(b"old")
    steps: list[str] = []

    def fail_at(number: int):
        def check(step: str, _path: Path) -> None:
            steps.append(step)
            if len(steps) == number:
                raise OSError(errno.ENOSPC, "full")

        return check

    for number in range(1, 8):
        steps.clear()
        monkeypatch.setattr(durable, "checkpoint", fail_at(number))
        try:
            durable.replace_file(path, b"new", scratch=tmp_path)
        except (OSError, StorageError):
            assert path.read_bytes() in (b"old", b"new")
        else:
            break
    assert path.read_bytes() == b"new"
    assert steps == ["create", "write", "flush", "rename", "flush-folder"]


def test_output_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """What raises in the middle leaves the file as it was, and nothing beside it."""
    path = tmp_path / "out"
    path.write_bytes(b"before")

    def parts():
        yield b"half"
        raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        durable.write_output(path, parts())
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert path.read_bytes() == b"before"
    durable.write_output(path, [b"after"])
    assert path.read_bytes() == b"after"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "permission denied"),
    ],
)
def test_refusals_say_the_way_out(tmp_path: Path, number: int, said: str) -> None:
    """One line, with the path."""
    with pytest.raises(StorageError, match=said) as caught, durable.reported("write", tmp_path):
        raise OSError(number, "no")
    assert str(tmp_path) in str(caught.value)


def test_other_errors_pass(tmp_path: Path) -> None:
    """What has no advice keeps its type."""
    with pytest.raises(FileNotFoundError), durable.reported("read", tmp_path):
        raise FileNotFoundError


def test_removing_twice_is_fine(tmp_path: Path) -> None:
    """Files and folders."""
    durable.make_folder(tmp_path / "a/b")
    durable.remove(tmp_path / "a/b/nothing")
    durable.remove_folder(tmp_path / "a/b")
    durable.remove_folder(tmp_path / "a/b")
    assert not (tmp_path / "a/b").exists()


def test_a_copy_is_kept(tmp_path: Path) -> None:
    """Another file with the same bytes."""
    (tmp_path / "a").write_bytes(b"1" * 3_000_000)
    durable.keep_copy(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
