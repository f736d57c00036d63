"""What is staged, as a commit would take it."""

from modelhub.dlv import add, status


def test_a_file_that_broke_since(repository, save, state) -> None:
    """It is told, not raised."""
    path = save("a.safetensors", state)
    add(repository, [path])
    path.write_bytes(b"x" * 20)
    (row,) = status(repository).staged
    assert row.state == "changed"
    assert "a.safetensors" in row.note


def test_a_file_that_is_gone_is_told(repository, save, state) -> None:
    """With what it was staged as."""
    path = save("a.safetensors", state)
    add(repository, [path])
    path.unlink()
    assert [(row.path, row.state) for row in status(repository).staged] == [
        ("a.safetensors", "vanished")
    ]
