"""The pages that commands write, as a reader sees them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from playwright.sync_api import Page, expect
from torch import nn

from modelhub.cli.application import application
from modelhub.dlv.repository import Repository


@pytest.fixture(scope="module")
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


def test_list_draws_the_lineage(seen) -> None:
    """A child stands below its parent, and its message is text."""
    page = seen("list")

    expect(page.locator("h1")).to_have_text("Models")
    expect(page.locator(".diagram .vertex").nth(1)).to_contain_text("net@1")
    expect(page.locator(".diagram .vertex").nth(2)).to_contain_text("<wider>")


def test_desc_draws_the_network(seen) -> None:
    """Layers in execution order with what they cost."""
    page = seen("desc", "net")
    rows = page.locator(".diagram .vertex")

    expect(page.locator("h1")).to_have_text("net@1")
    expect(rows).to_have_count(6)
    expect(rows.nth(2)).to_contain_text("FULL")
    expect(rows.nth(2)).to_contain_text("1x8")


def test_diff_draws_networks_side_by_side(seen) -> None:
    """The widened layer is one marked row, on both sides."""
    page = seen("diff", "net", "wide")
    changed = page.locator("tr.changed")

    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("out_features 8 → 16")
    expect(page.locator("table.comparison th").first).to_have_text("net@1")


def test_eval_shows_its_table(seen) -> None:
    """Versions beside each other."""
    page = seen("eval", "net", "wide", "--data", "data.npz")

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_text("accuracy")).to_be_visible()
