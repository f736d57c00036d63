"""Healing."""

import shutil

import numpy as np
import pytest

from modelhub.dlv import check, repair
from modelhub.dlv.operations.commit import commit
from modelhub.dlv.repository import Repository


def damage(repository, count: int = 1) -> None:
    """Flip a byte in the middle of the largest objects."""
    paths = [p for p in repository.layout.objects.rglob("*") if p.is_file()]
    for path in sorted(paths, key=lambda p: -p.stat().st_size)[:count]:
        path.chmod(0o644)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 255
        path.write_bytes(data)


@pytest.fixture
def committed(repository, save, state, root, tmp_path):
    save("model.safetensors", state)
    (root / "notes.txt").write_text("some notes\n")
    commit(repository, "net", paths=[root / "model.safetensors", root / "notes.txt"])
    shutil.copytree(root, tmp_path / "backup")
    return repository


def test_from_another_repository(committed, tmp_path, state) -> None:
    """Whatever is damaged."""
    damage(committed, 9)
    assert not check(committed).is_clean
    done = repair(committed, [tmp_path / "backup"])
    assert list(done.missing) == []
    assert check(committed).is_clean
    assert np.array_equal(committed["net"].tensors["fc.weight"].numpy(), state["fc.weight"])


def test_from_files(committed, tmp_path, root) -> None:
    """Tensors are known by their content, wherever they stand."""
    damage(committed)
    done = repair(committed, [root / "model.safetensors", root / "notes.txt"])
    assert done.healed_tensors + done.healed_blobs > 0
    found = check(committed)
    if found.is_clean:
        committed["net"].checkout(tmp_path / "out")
        assert (tmp_path / "out/notes.txt").read_text() == "some notes\n"
    else:
        assert done.missing  # a manifest or record stands in no file


def test_from_an_unrelated_file(committed, tmp_path) -> None:
    """What no source has is named, and stays as it is."""
    damage(committed, 9)
    (tmp_path / "other.txt").write_text("something else")
    done = repair(committed, [tmp_path / "other.txt"])
    assert done.missing
    assert list(done.versions) == ["net@1"]
    with Repository.open(tmp_path / "backup") as backup:
        assert check(backup).is_clean


def test_nothing_is_damaged(committed, tmp_path) -> None:
    """Nothing is done."""
    assert list(repair(committed, [tmp_path / "backup"]).objects) == []
