"""Tests of `dlv publish`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Dlv = Callable[..., Any]


def test_a_version_is_published_once(lenet: Dlv, tmp_path: Path) -> None:
    """It says what it sent, instead of what; the second time, that it is there."""
    lenet("remote", "add", "origin", (tmp_path / "shared").as_uri())
    first = lenet("publish", "lenet@1", "origin")
    again = lenet("publish", "lenet@1", "origin")

    assert "lenet@1: sent" in first.out
    assert "lenet@1: is there already" in again.out
    assert [
        each["sent"] for each in lenet("publish", "lenet@1", "origin", "--json").json["versions"]
    ] == [0]


def test_all_versions_are_published(lenet: Dlv, tmp_path: Path) -> None:
    """In the order of their numbers."""
    done = lenet("publish", "lenet", (tmp_path / "shared").as_uri(), "--all", "--json").json

    assert [each["number"] for each in done["versions"]] == [1, 2]


def test_another_number_is_told(lenet: Dlv, tmp_path: Path) -> None:
    """A version is called otherwise on the remote if its number is taken there."""
    url = (tmp_path / "shared").as_uri()
    lenet("publish", "lenet@2", url)
    lenet("rm", "lenet@2")
    other = tmp_path / "other"
    other.mkdir()
    (other / "m.txt").write_text("x")
    for arguments in (("init",), ("commit", "lenet", "m.txt"), ("commit", "lenet", "m.txt")):
        lenet("-C", str(other), *arguments)
    (other / "m.txt").write_text("y")
    lenet("-C", str(other), "commit", "lenet", "m.txt")

    assert "as lenet@3" in lenet("-C", str(other), "publish", "lenet@2", url).out


def test_wrong_places_are_told(lenet: Dlv, tmp_path: Path) -> None:
    """An unknown name, a version that is not there, a folder of other things."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.png").touch()

    assert lenet("publish", "lenet", "nowhere").status == 3
    assert lenet("publish", "lenet@9", str(tmp_path / "r")).status == 3
    assert lenet("publish", "lenet", str(tmp_path / "photos")).status == 4
    assert "is no hub" in lenet("publish", "lenet", str(tmp_path / "r"), "--public").err
