"""Tests of `dlv fetch`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Dlv = Callable[..., Any]


def test_versions_are_fetched(lenet: Dlv, tmp_path: Path) -> None:
    """By name, by number, or all; and only once."""
    url = (tmp_path / "shared").as_uri()
    lenet("publish", "lenet", url, "--all")
    lenet("publish", "head", url)
    other = str(tmp_path / "other")
    lenet("init", other)
    one = lenet("-C", other, "fetch", url, "lenet@2", "--json").json
    rest = lenet("-C", other, "fetch", url)

    assert [each["created"] for each in one["versions"]] == [True]
    assert "head@1: received" in rest.out
    assert "lenet@2: is here already" in rest.out
    assert "it is number 1 there" in rest.out
    assert lenet("-C", other, "fsck").status == 0


def test_what_is_not_there_is_told(lenet: Dlv, tmp_path: Path) -> None:
    """No remote, no model, no version."""
    url = (tmp_path / "shared").as_uri()
    assert lenet("fetch", url).status == 3
    lenet("publish", "lenet@1", url)

    assert "there are: lenet" in lenet("fetch", url, "vgg").err
    assert lenet("fetch", url, "lenet@2").status == 3
