"""What is said of a version later."""

import pytest

from modelhub.dlv import alias, annotate, remove, restore, tag
from modelhub.dlv.operations.names import delete_name, list_names
from modelhub.errors import ConflictError, InputError, NotFoundError


def test_tags_stay_and_aliases_move(repository, state) -> None:
    """One label has one meaning."""
    repository.commit("net", state)
    repository.commit("net", {"w": state["conv.bias"]})
    tag(repository, "net@1", "v1")
    tag(repository, "net@1", "v1")
    with pytest.raises(ConflictError, match="tags do not move"):
        tag(repository, "net@2", "v1")
    with pytest.raises(ConflictError, match="is a tag"):
        alias(repository, "net@2", "v1")
    alias(repository, "net@1", "now")
    alias(repository, "net@2", "now")
    assert [(n.label, n.version.number) for n in list_names(repository, "alias")] == [("now", 2)]
    delete_name(repository, "tag", "net@v1")
    tag(repository, "net@2", "v1")


def test_an_id_does_not_change(repository, state) -> None:
    """Annotations are no part of it."""
    version = repository.commit("net", state)
    annotate(repository, "net", metrics={"m": float("nan")})
    assert repository["net"].id == version.id
    assert repository["net"].metrics["m"] != repository["net"].metrics["m"]
    with pytest.raises(InputError):
        annotate(repository, "net")


def test_forgotten_versions(repository, state) -> None:
    """They are found by nobody but restore; their number is not used again."""
    repository.commit("net", state)
    remove(repository, ["net", "net@1"])
    with pytest.raises(NotFoundError):
        _ = repository["net"]
    assert repository.commit("net", state).number == 2
    with pytest.raises(NotFoundError, match="there are: net@1"):
        restore(repository, ["net@2"])
    restore(repository, ["net@1"])
    assert repository["net@1"].number == 1
