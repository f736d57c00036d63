"""Two repositories and a folder between them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from modelhub.dlv.naming import resolve
from modelhub.dlv.repository import Repository
from modelhub.remotes import Fetched, FolderRemote, Published, everything, fetch, publish

State = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the person who runs the tests."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-config"))
    for name in ("DLV_DIR", "DLV_JOBS", "DLV_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Repository]:
    """A repository that publishes."""
    with Repository.init(tmp_path / "here") as opened:
        yield opened


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Repository]:
    """A repository that fetches."""
    with Repository.init(tmp_path / "there") as opened:
        yield opened


@pytest.fixture
def remote(tmp_path: Path) -> FolderRemote:
    return FolderRemote.create(tmp_path / "remote")


@pytest.fixture
def state() -> Callable[[int], State]:
    """A network: two tensors above the block limit, two below."""

    def make(seed: int) -> State:
        rng = np.random.default_rng(seed)
        return {
            "conv.weight": rng.normal(0, 0.1, (16, 16, 5, 5)).astype(np.float32),
            "conv.bias": np.full(16, seed, np.float32),
            "fc.weight": rng.normal(0, 0.02, (300, 200)).astype(np.float32),
            "steps": np.array(3, np.int64),
        }

    return make


@pytest.fixture
def tuned() -> Callable[[State], State]:
    """What a little training makes of a network."""

    def make(state: State) -> State:
        rng = np.random.default_rng(99)
        return {
            name: value * (1 + 1e-5 * rng.normal(size=value.shape)).astype(np.float32)
            if value.dtype == np.float32
            else value
            for name, value in state.items()
        }

    return make


@pytest.fixture
def send(here: Repository, remote: FolderRemote) -> Callable[..., Published]:
    """Publish versions of `here`."""

    def call(*revisions: str) -> Published:
        return publish(here, [resolve(here, each) for each in revisions], remote)

    return call


@pytest.fixture
def receive(there: Repository, remote: FolderRemote) -> Callable[[], Fetched]:
    """Fetch all that the remote has into `there`."""
    return lambda: fetch(there, remote, everything(remote))
