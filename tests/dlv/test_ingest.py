"""Files taken into the store."""

from modelhub.dlv.files import recipe_for
from modelhub.dlv.operations.commit import commit
from modelhub.dlv.recipe import LiteralPart


def test_a_long_file_is_cut_into_literals(repository, root) -> None:
    """Four MiB each; an equal beginning is stored once."""
    data = bytes(range(256)) * (9 << 12)
    (root / "long.bin.txt").write_bytes(data)
    commit(repository, "a", paths=[root / "long.bin.txt"])
    (root / "long.bin.txt").write_bytes(data + b"more")
    again = commit(repository, "a", paths=[root / "long.bin.txt"])
    (file,) = repository["a"].files
    parts = recipe_for(repository, file.id).parts

    assert [part.length for part in parts] == [4 << 20, 4 << 20, (1 << 20) + 4]
    assert all(isinstance(part, LiteralPart) for part in parts)
    assert again.stored_size < 20_000
