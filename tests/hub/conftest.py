"""A hub, and repositories that share by it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from modelhub.dlv.repository import Repository
from modelhub.hub import Accounts, Database, Library

_NUMBERS = itertools.count(1)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the person who runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    for name in ("DLV_DIR", "DLV_JOBS", "DLV_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def name() -> str:
    """A name that no other test has."""
    return f"user-{next(_NUMBERS)}"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "hub.db")
    yield opened
    opened.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database)


@pytest.fixture
def library(tmp_path: Path, database: Database, accounts: Accounts) -> Iterator[Library]:
    """Of a hub with the accounts alice and bob."""
    accounts.create("alice")
    accounts.create("bob")
    opened = Library(tmp_path, database, accounts)
    yield opened
    opened.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Repository]:
    """A repository with lenet@1, lenet@2, and head@1, which shares a tensor with both."""
    rng = np.random.default_rng(1)
    conv = rng.normal(0, 0.1, (16, 16, 5, 5)).astype(np.float32)
    with Repository.init(tmp_path / "here") as opened:
        for seed in (1, 2):
            fc = np.random.default_rng(seed).normal(0, 0.02, (300, 200)).astype(np.float32)
            opened.commit(
                "lenet",
                {"conv.weight": conv, "fc.weight": fc, "fc.bias": np.full(3, seed, np.float32)},
                message=f"number {seed}",
                metrics={"accuracy": seed / 10},
                hyperparameters={"optimizer": "Adam"},
                tags=["v1"] if seed == 1 else [],
            )
        out = rng.normal(0, 0.1, (200, 300)).astype(np.float32)
        opened.commit("head", {"conv.weight": conv, "out.weight": out})
        yield opened
