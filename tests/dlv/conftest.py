"""A repository in a folder of its own, and real checkpoint files to commit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelhub.dlv.repository import Repository

State = dict[str, np.ndarray]
Save = Callable[..., Path]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the person who runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    for name in ("DLV_DIR", "DLV_JOBS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def repository(root: Path) -> Iterator[Repository]:
    with Repository.init(root) as opened:
        yield opened


@pytest.fixture
def state() -> State:
    """A small network: one tensor above the block limit, three below."""
    rng = np.random.default_rng(7)
    return {
        "conv.weight": rng.normal(0, 0.1, (8, 4, 3, 3)).astype(np.float32),
        "conv.bias": np.zeros(8, np.float32),
        "fc.weight": rng.normal(0, 0.02, (64, 128)).astype(np.float32),
        "steps": np.array(3, np.int64),
    }


@pytest.fixture
def save(root: Path) -> Save:
    """Write a safetensors file below the root; its path."""

    def write(name: str, state: State) -> Path:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(state, path)
        return path

    return write
