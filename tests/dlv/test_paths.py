"""Paths of a version's files."""

from pathlib import Path

import pytest

from modelhub.dlv.paths import check_path, relative_path
from modelhub.errors import InputError


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "./a",
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "x" * 5000,
    ],
)
def test_what_no_version_holds(path: str) -> None:
    """Absolute, climbing, empty parts, control and bidirectional characters, too long."""
    with pytest.raises(InputError):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "a/b.c", "ä/ü ö", "..a/b.."])
def test_what_a_version_holds(path: str) -> None:
    """The path as it is."""
    assert check_path(path) == path


def test_links_above_are_resolved(tmp_path: Path) -> None:
    """A folder that is reached by a link lies where it lies; a linked file keeps its name."""
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    (root / "real/file").write_text("x")
    (root / "link").symlink_to(root / "real")
    (root / "named").symlink_to(tmp_path / "outside")
    assert relative_path(root / "link/file", root) == "real/file"
    assert relative_path(root / "named", root) == "named"
    with pytest.raises(InputError, match="outside the repository's folder"):
        relative_path(tmp_path / "outside", root)
