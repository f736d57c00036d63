"""Opening a repository."""

from pathlib import Path

import pytest

from modelhub.dlv.repository import Repository
from modelhub.errors import (
    ConflictError,
    IntegrityError,
    NewerFormatError,
    NotARepositoryError,
)


def test_a_repository_is_found_from_below(root: Path, repository) -> None:
    """As git does."""
    (root / "a/b").mkdir(parents=True)
    with Repository.find(root / "a/b") as found:
        assert found.root == repository.root
    with pytest.raises(NotARepositoryError, match="dlv init"):
        Repository.find(root.parent)
    with pytest.raises(ConflictError, match="already"):
        Repository.init(root)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("dlv repository 2\n", NewerFormatError),
        ("dlv repository one\n", IntegrityError),
        ("", IntegrityError),
        ("\xff\xfe", IntegrityError),
    ],
)
def test_formats_that_we_do_not_read(root: Path, repository, text: str, error) -> None:
    """A newer one names the way out; damage says what must stand there."""
    repository.layout.format.write_text(text)
    with pytest.raises(error):
        Repository.open(root)


def test_the_clock_may_go_back(repository, state, monkeypatch) -> None:
    """Order and numbers do not come from the clock."""
    monkeypatch.setattr("modelhub.dlv.operations.commit.now", lambda: "2030-01-01T00:00:00Z")
    repository.commit("net", state)
    monkeypatch.setattr("modelhub.dlv.operations.commit.now", lambda: "1999-01-01T00:00:00Z")
    state["conv.bias"] += 1
    repository.commit("net", state)
    assert [v.number for v in repository] == [1, 2]
    assert repository["net"].number == 2
