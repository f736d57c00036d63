"""Writes that survive, or leave things as they were."""

import errno
import itertools
import random
import threading
import time
from collections.abc import Iterator
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


def test_parts_are_written_in_order(tmp_path: Path) -> None:
    """Large ones on another thread, small ones between them, empty ones too."""
    rng = random.Random(3)
    sizes = [0, 3, durable.SMALL_PART, 1, 2 * durable.SMALL_PART, 0, 5, 7] * 4
    parts = [rng.randbytes(size) for size in sizes]
    durable.write_output(tmp_path / "out", iter(parts))
    assert (tmp_path / "out").read_bytes() == b"".join(parts)
    durable.write_output(tmp_path / "none", [])
    assert (tmp_path / "none").read_bytes() == b""


def test_at_most_a_few_parts_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk slower than its caller makes the caller wait."""
    made, behind = 0, []

    def slow(_step: str, _path: Path) -> None:
        time.sleep(0.005)
        behind.append(made)

    def parts() -> Iterator[bytes]:
        nonlocal made
        for _ in range(20):
            made += 1
            yield bytes(durable.SMALL_PART)

    monkeypatch.setattr(durable, "checkpoint", slow)
    durable.write_output(tmp_path / "out", parts())
    assert max(n - done for done, n in enumerate(behind)) <= durable.BEHIND + 2


@pytest.mark.parametrize("fatal", [1, 2, 7, 8])
def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fatal: int
) -> None:
    """Whichever write is refused, on whichever thread; the file stays as it was."""
    path = tmp_path / "out"
    path.write_bytes(b"before")
    writes = itertools.count(1)

    def full(_step: str, _path: Path) -> None:
        if next(writes) >= fatal:
            raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(durable, "checkpoint", full)
    with pytest.raises(StorageError, match=r"^cannot write .*out: the disk is full;") as caught:
        durable.write_output(path, [bytes(durable.SMALL_PART)] * 8)
    assert "\n" not in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupted_output_leaves_neither_file_nor_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Ctrl-C while parts wait to be written: none is written to a closed file."""
    written: list[bool] = []

    def slow(_step: str, _path: Path) -> None:
        time.sleep(0.02)
        written.append(bool(list(tmp_path.iterdir())))

    def parts() -> Iterator[bytes]:
        yield from [bytes(durable.SMALL_PART)] * 3
        raise error

    monkeypatch.setattr(durable, "checkpoint", slow)
    with pytest.raises(error):
        durable.write_output(tmp_path / "out", parts())
    assert all(written)
    assert list(tmp_path.iterdir()) == []
    assert not [t for t in threading.enumerate() if t.name.startswith("modelhub-write")]


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


@pytest.mark.parametrize("place", ["none/page.html", "file/page.html"])
def test_an_output_needs_a_folder(tmp_path: Path, place: str) -> None:
    """The message names what was asked for, and not the temporary file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"page\.html: .* is no folder; make it first$"):
        durable.write_output(tmp_path / place, [b"x"])
