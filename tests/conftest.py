"""Settings of the whole suite."""

import os
from collections.abc import Iterator

import pytest
from hub_server import Hub, hub_server
from hypothesis import settings

# Workers share the cores already. Read when torch is loaded, here and in processes of the tests.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine that is busy is no failure, and a failure is the same each time.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A real hub; each test makes accounts of its own."""
    with hub_server(tmp_path_factory.mktemp("hub") / "data") as running:
        yield running
