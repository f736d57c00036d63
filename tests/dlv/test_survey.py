"""What files are taken for."""

from pathlib import Path

import pytest

from modelhub.dlv.survey import expand, survey
from modelhub.errors import InputError


def test_folders_are_walked(root: Path) -> None:
    """Hidden files, caches, empty files and linked folders are passed over."""
    for name in ("a/b.txt", "a/.hidden", "a/__pycache__/x", ".git/y", "c.txt", "a/empty"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("" if name == "a/empty" else "x")
    (root / "a/link").symlink_to(root / ".git")
    (root / "a/file-link").symlink_to(root / "c.txt")
    assert expand([root], root) == ["a/b.txt", "a/file-link", "c.txt"]
    with pytest.raises(InputError, match="holds no files"):
        expand([_empty(root)], root)


def _empty(root: Path) -> Path:
    (root / "nothing").mkdir()
    return root / "nothing"


def test_the_repository_itself_is_not_added(root: Path, repository) -> None:
    """Not even by name."""
    with pytest.raises(InputError, match="belongs to the repository itself"):
        expand([repository.layout.format], root)


def test_a_hugging_face_folder(root: Path, save, state) -> None:
    """Shards of one step are one snapshot; its optimizer and log belong to it."""
    save("out/checkpoint-5/model-00001-of-00002.safetensors", {"a": state["conv.bias"]})
    save("out/checkpoint-5/model-00002-of-00002.safetensors", {"b": state["conv.bias"]})
    (root / "out/checkpoint-5/optimizer.pt").write_bytes(b"not a checkpoint")
    (root / "out/checkpoint-5/config.json").write_text('{"hidden_size": 4}')
    (root / "out/checkpoint-5/trainer_state.json").write_text('{"log_history": []}')
    (root / "out/README.md").write_text("# card")
    found = {f.path.split("/")[-1]: f for f in survey(root, expand([root / "out"], root))}
    roles = {name: (f.role, f.snapshot) for name, f in found.items()}
    assert roles == {
        "model-00001-of-00002.safetensors": ("weights", "step-5"),
        "model-00002-of-00002.safetensors": ("weights", "step-5"),
        "optimizer.pt": ("optimizer", "step-5"),
        "config.json": ("config", "step-5"),
        "trainer_state.json": ("log", "step-5"),
        "README.md": ("other", None),
    }
