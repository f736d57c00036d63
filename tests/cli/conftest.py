"""A repository with models in it, and the command line in its folder."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from modelhub.cli.application import run

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Dlv = Callable[..., Answer]


@pytest.fixture
def user() -> str:
    """A name that no other test has."""
    return f"cli-{next(_NUMBERS)}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to stand in, without anybody's settings."""
    place = tmp_path / "models"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("DLV_DIR", "DLV_JOBS", "DLV_DEBUG", "DLV_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def dlv(folder: Path, capfd: pytest.CaptureFixture[str]) -> Dlv:
    """Run a command; its exit status and what it printed."""
    del folder

    def call(*arguments: str) -> Answer:
        capfd.readouterr()
        status = run(list(arguments))
        out, err = capfd.readouterr()
        return Answer(status, out, err)

    return call


@pytest.fixture
def weights(folder: Path) -> Callable[..., Path]:
    """Write a small checkpoint; equal seeds make equal files."""

    def write(name: str, seed: int = 0) -> Path:
        rng = np.random.default_rng(seed)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        weight = rng.normal(size=(40, 30)).astype(np.float32)
        save_file({"fc.weight": weight, "fc.bias": np.zeros(40, np.float32)}, path)
        return path

    return write


@pytest.fixture
def lenet(dlv: Dlv, weights: Callable[..., Path]) -> Dlv:
    """A repository with lenet@1 (tag v1), lenet@2, and its child head@1."""
    assert dlv("init").status == 0
    weights("model_0010.safetensors", 1)
    assert (
        dlv("commit", "lenet", "model_0010.safetensors", "-m", "first", "--tag", "v1").status == 0
    )
    weights("model_0010.safetensors", 2)
    done = dlv("commit", "lenet", "model_0010.safetensors", "--metric", "accuracy=0.5")
    assert done.status == 0
    weights("head/model.safetensors", 3)
    done = dlv("commit", "head", "head", "--parent", "lenet@1", "--param", "lr=0.1")
    assert done.status == 0
    return dlv
