"""Starting a model from another."""

import pytest

from modelhub.dlv import copy
from modelhub.errors import ConflictError, InputError


def test_the_common_folder_is_left_off(repository, save, state, root) -> None:
    """What lay in runs/a lies in the new folder."""
    save("runs/a/x/model.safetensors", state)
    save("runs/a/y.safetensors", state)
    repository.commit("net", ["runs/a"])
    done = copy(repository, "net", "child")
    assert list(done.files) == ["x/model.safetensors", "y.safetensors"]
    assert (root / "child/x/model.safetensors").exists()


def test_the_child_descends_from_the_source(repository, state, root) -> None:
    """From the version that was copied, even if it is not the latest by then."""
    first = repository.commit("net", state)
    copy(repository, "net", "child", to=root / "elsewhere")
    repository.commit("net", {"w": state["conv.bias"]})
    (root / "elsewhere/new.txt").write_text("x")
    assert repository.commit("child", ["elsewhere"]).parents == [first]
    assert repository.commit("child", {"w": state["conv.bias"]}).parents[0].name == "child"


def test_names_that_cannot_be(repository, state) -> None:
    """Taken, or impossible."""
    repository.commit("net", state)
    with pytest.raises(ConflictError, match="has versions already"):
        copy(repository, "net", "net")
    with pytest.raises(InputError):
        copy(repository, "net", "a b")
