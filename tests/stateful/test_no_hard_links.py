"""A file system that knows no hard links, as FAT and some network file systems."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from modelhub.config import project_file
from modelhub.config_file import set_value
from modelhub.dlv import add, check, checkout, collect_garbage, commit, copy, rebuild, remove
from modelhub.dlv.repository import Repository


@pytest.fixture(autouse=True)
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(PermissionError):  # what pathlib offers comes to the same
        Path("a").hardlink_to("b")


def test_everything_works_where_links_are_refused(tmp_path: Path) -> None:
    """Each way to write gives whole files of their own, and nothing is lost."""
    root = tmp_path / "models"
    with Repository.init(root) as repository:
        set_value(project_file(repository.layout.folder), "user.name", "Ada")
        np.savez(root / "model.npz", w=np.arange(20_000.0), b=np.ones(3))
        add(repository, [root / "model.npz"])
        first = commit(repository, "net")
        repository.commit("other", {"w": np.arange(5000.0)})
        copy(repository, "net", "child", to=tmp_path / "child")
        remove(repository, ["other"])
        assert collect_garbage(repository, grace_days=0).versions
        assert check(repository).is_clean
    rebuild(root)
    with Repository.open(root) as repository:
        done = checkout(repository, first.version.id, to=tmp_path / "out")
        assert check(repository).is_clean
    written = (root / "model.npz").read_bytes()
    assert [(tmp_path / "out" / name).read_bytes() for name in done.written] == [written]
    assert (tmp_path / "child" / "model.npz").read_bytes() == written
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.stat().st_nlink for path in files} == {1}
