"""A real browser: Debian's chromium, without a way to any network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, sync_playwright
from torch import nn

from modelhub.cli.application import application
from modelhub.dlv.repository import Repository

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all pages."""
    chromium = shutil.which("chromium")
    assert chromium, "the tests of pages need Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page; the test fails if it complains or asks for anything but files."""
    complaints: list[str] = []
    with browser.new_context() as context:
        found = context.new_page()
        found.on("console", lambda message: complaints.append(message.text))
        found.on("pageerror", lambda error: complaints.append(str(error)))
        found.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:"))
                else complaints.append(request.url)
            ),
        )
        yield found
    assert complaints == []


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A parent of two snapshots, a child with a wider layer, and data."""
    folder = tmp_path_factory.mktemp("models")
    torch.manual_seed(0)
    with Repository.init(folder) as repository:
        net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        repository.commit("net", net, torch.zeros(2, 4), metrics={"loss": 1.0}, step=1)
        wide = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
        repository.commit("wide", wide, torch.zeros(2, 4), parents=["net"], message="<wider>")
    labels = np.arange(9) % 3
    np.savez(folder / "data.npz", x=np.ones((9, 4), np.float32), y=labels)
    return folder


@pytest.fixture
def seen(models: Path, tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> object:
    """Runs a command and opens what it wrote."""
    monkeypatch.chdir(models)

    def show(*arguments: str) -> Page:
        place = tmp_path / "page.html"
        done = CliRunner().invoke(application, [*arguments, "--html", str(place)])
        assert done.exit_code == 0, done.output
        assert place.stat().st_size < 300_000
        page.goto(place.as_uri())
        return page

    return show
