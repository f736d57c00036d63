"""Tests of `dlv clone`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Dlv = Callable[..., Any]


def test_a_clone_is_named_like_its_remote(lenet: Dlv, tmp_path: Path) -> None:
    """It has all versions, and calls the remote origin."""
    url = (tmp_path / "shared").as_uri()
    lenet("publish", "lenet", url, "--all")
    (tmp_path / "work").mkdir()
    answer = lenet("-C", str(tmp_path / "work"), "clone", url)
    clone = str(tmp_path / "work/shared")

    assert answer.out.startswith(f"cloned {url} into {clone}\n")
    assert lenet("-C", clone, "remote", "-q").out == "origin\n"
    assert lenet("-C", clone, "list", "-q").out.count("\n") == 2
    assert lenet("-C", clone, "fsck").status == 0


def test_no_remote_no_clone(lenet: Dlv, tmp_path: Path) -> None:
    """One line, and no folder."""
    assert lenet("clone", str(tmp_path / "absent"), str(tmp_path / "clone")).status == 3
    assert not (tmp_path / "clone").exists()
