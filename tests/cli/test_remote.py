"""Tests of `dlv remote`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Dlv = Callable[..., Any]


def test_remotes_are_named_listed_and_forgotten(lenet: Dlv, tmp_path: Path) -> None:
    """Without touching what they name."""
    url = (tmp_path / "shared").as_uri()

    assert "no remote has a name here" in lenet("remote").out
    assert lenet("remote", "add", "origin", url).out == f"origin is {url}\n"
    assert lenet("remote", "list", "--json").json == {"origin": url}
    assert lenet("remote", "-q").out == "origin\n"
    assert lenet("remote", "remove", "origin").status == 0
    assert lenet("remote", "--json").json == {}
    assert not (tmp_path / "shared").exists()


def test_the_models_of_a_remote_are_shown(lenet: Dlv, tmp_path: Path) -> None:
    """By the remote's own numbers."""
    url = (tmp_path / "shared").as_uri()
    lenet("publish", "lenet", url, "--all")

    assert lenet("remote", "show", url, "--json").json == [
        {"name": "lenet", "numbers": [1, 2], "tags": ["v1"]}
    ]
    assert lenet("remote", "show", "nowhere").status == 3


def test_wrong_usage_says_the_forms(lenet: Dlv) -> None:
    """Each action has its arguments."""
    for arguments in (("add",), ("add", "x"), ("show",), ("remove",), ("list", "x"), ("move", "x")):
        answer = lenet("remote", *arguments)
        assert answer.status == 2
        assert "\n" not in answer.err.strip()
    assert lenet("remote", "add", "x", "ftp://host/").status == 1
