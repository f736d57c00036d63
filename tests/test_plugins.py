"""The registry."""

from importlib import import_module
from pathlib import Path

import pytest

from modelhub.errors import MissingExtraError, NotFoundError
from modelhub.plugins import Registry, needs_extra


def test_ours_are_loaded_by_name() -> None:
    """When they are first asked for."""
    registry: Registry[object] = Registry("nobody.group", {"path": "pathlib:Path"})
    assert registry.get("path") is Path
    assert list(registry) == ["path"]


def test_unknown_names() -> None:
    """The message lists those that there are."""
    with pytest.raises(NotFoundError, match="there are: path"):
        Registry("nobody.group", {"path": "pathlib:Path"}).get("pth")


def test_a_missing_package_names_the_extra() -> None:
    """And how to install it."""
    registry: Registry[object] = Registry("nobody.group", {"torch": "no_such_package.x:y"})
    with pytest.raises(MissingExtraError, match=r"pip install 'modelhub-dlv\[torch\]'"):
        registry.get("torch")


def test_what_is_ours_and_broken_is_not_called_missing() -> None:
    """An error of ours stays one."""
    with pytest.raises(ModuleNotFoundError):
        Registry("nobody.group", {"x": "modelhub.no_such_module:y"}).get("x")


def test_strangers_come_from_entry_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours win when the names are the same."""
    info = tmp_path / "stranger-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[nobody.group]\nnew = pathlib:PurePath\npath = pathlib:PurePosixPath\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry: Registry[object] = Registry("nobody.group", {"path": "pathlib:Path"})
    assert list(registry) == ["new", "path"]
    assert registry.get("path") is Path


def test_a_stranger_s_missing_package_is_called_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We have no extra for it."""
    info = tmp_path / "stranger-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[nobody.group]\nnew = no_such_package:x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(MissingExtraError, match=r"pip install no_such_package$"):
        Registry("nobody.group", {}).get("new")


def test_what_needs_an_extra_says_so() -> None:
    """Who, and how to install it; what is ours and broken is not called missing."""
    with (
        pytest.raises(MissingExtraError, match=r"the hub needs no_such.*'modelhub-dlv\[server\]'"),
        needs_extra("server", who="the hub"),
    ):
        import_module("no_such_package")
    with pytest.raises(ModuleNotFoundError), needs_extra("server"):
        import_module("modelhub.no_such_module")
