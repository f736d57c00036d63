"""Starting a repository."""

from modelhub.dlv import init


def test_the_folder_is_made(tmp_path) -> None:
    """With what the specification says is in it."""
    done = init(tmp_path / "a/b")
    assert done.folder == tmp_path / "a/b/.dlv"
    assert {p.name for p in done.folder.iterdir()} >= {"format", "catalog.db", "objects", "tmp"}
