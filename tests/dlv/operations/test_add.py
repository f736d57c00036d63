"""Staging."""

import pytest

from modelhub.dlv import add
from modelhub.dlv.staging import read_staging
from modelhub.errors import DamagedFileError, InputError


def test_nothing_is_staged_if_one_is_wrong(repository, save, state, root) -> None:
    """All or none."""
    good = save("good.safetensors", state)
    bad = save("bad.safetensors", state)
    bad.write_bytes(bad.read_bytes()[:-1])
    with pytest.raises(DamagedFileError):
        add(repository, [good, bad])
    with pytest.raises(InputError):
        add(repository, [good, root / "nothing"])
    assert not read_staging(repository.layout).files
    staged = add(repository, [bad], whole=True)
    assert [(row.path, row.tensors) for row in staged] == [("bad.safetensors", 0)]


def test_files_that_are_gone_can_be_taken_off(repository, save, state) -> None:
    """By their path."""
    path = save("a/b.safetensors", state)
    add(repository, [path])
    path.unlink()
    assert add(repository, [path.parent], remove=True) == []


def test_an_unreadable_file(repository, save, state, monkeypatch) -> None:
    """One line that names it."""
    from pathlib import Path

    path = save("secret.safetensors", state)
    opened = Path.open

    def refuse(self, *arguments, **more):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"secret\.safetensors cannot be read: permission denied"):
        add(repository, [path])
