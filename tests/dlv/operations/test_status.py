"""What is staged."""

from modelhub.dlv import add, copy, status


def test_all_of_it(repository, save, state) -> None:
    """Staged files, noted copies, and nobody writing."""
    add(repository, [save("a.safetensors", state)])
    version = repository.commit("net", state)
    copy(repository, "net", "child")
    found = status(repository)
    assert [row.path for row in found.staged] == ["a.safetensors"]
    assert found.copied == {"child": (version.id,)}
    assert found.writers == []
