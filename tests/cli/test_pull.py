"""Tests of `dlv pull`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Dlv = Callable[..., Any]


def test_a_pull_takes_the_files_from_origin(lenet: Dlv, tmp_path: Path, folder: Path) -> None:
    """If no remote is named."""
    url = (tmp_path / "shared").as_uri()
    lenet("publish", "lenet", url, "--all")
    other = tmp_path / "other"
    lenet("init", str(other))
    assert lenet("-C", str(other), "pull", "lenet").status == 3
    lenet("-C", str(other), "remote", "add", "origin", url)
    answer = lenet("-C", str(other), "pull", "lenet@v1")

    assert answer.status == 0
    assert "wrote 1 file" in answer.out
    name = "model_0010.safetensors"
    lenet("-C", str(folder), "checkout", "lenet@v1", "--to", str(tmp_path / "as-committed"))
    assert (other / name).read_bytes() == (tmp_path / "as-committed" / name).read_bytes()
    assert lenet("-C", str(other), "pull", "lenet@v1", "--to", "x", "-q").out == f"{name}\n"
