"""Comparing versions."""

import numpy as np
import pytest
import torch
from torch import nn

from modelhub.dlv import diff


@pytest.fixture
def compared(repository):
    ones = np.ones((20, 30), np.float32)
    before = {
        "same": ones,
        "changed": ones,
        "gone": ones * 2,
        "old.name": ones * 3,
        "shape": ones,
        "dtype": ones,
        "nan": np.array([np.nan, 0.0]),
    }
    after = {
        "same": ones,
        "changed": ones * 1.5,
        "new": ones * 4,
        "new.name": ones * 3,
        "shape": ones[:10],
        "dtype": ones.astype(np.float16),
        "nan": np.array([np.nan, -0.0]),
    }
    repository.commit("a", before, metrics={"m": 1.0, "nan": float("nan")})
    repository.commit("a", after, metrics={"m": 2.0, "nan": float("nan")})
    return diff(repository, "a@1", "a@2")


def test_every_kind_of_change(compared) -> None:
    """Added, removed, renamed by content, reshaped, retyped, changed."""
    kinds = {each.name: each.change for each in compared.tensors}
    assert kinds == {
        "changed": "changed",
        "gone": "removed",
        "new": "added",
        "new.name": "renamed",
        "shape": "reshaped",
        "dtype": "retyped",
        "nan": "changed",
    }
    assert compared.tensors_same == 1


def test_how_much_changed(compared) -> None:
    """Relative norm, and the share of elements by their bytes: -0 differs from 0."""
    found = {each.name: each for each in compared.tensors}
    assert found["changed"].relative_change == pytest.approx(0.5)
    assert found["changed"].share_changed == 1
    assert found["nan"].share_changed == 0.5
    assert found["new.name"].old_name == "old.name"


def test_metrics_that_differ(compared) -> None:
    """NaN is NaN."""
    assert [(m.name, m.before, m.after) for m in compared.metrics] == [("m", 1.0, 2.0)]


def test_nothing_differs(repository, state) -> None:
    """A version and itself."""
    repository.commit("net", state)
    assert diff(repository, "net", "net@1").is_empty


class Net(nn.Sequential):
    """Two dense layers; torch is there in every test run."""

    def __init__(self, width: int = 16, act: type[nn.Module] = nn.ReLU) -> None:
        super().__init__(nn.Linear(8, width), act(), nn.Linear(width, 2))


@pytest.fixture
def networks(repository, root):
    torch.manual_seed(0)
    example = torch.zeros(2, 8)
    repository.commit("net", Net(), example, metrics={"loss": 1.0})
    repository.commit("wide", Net(width=24), example, metrics={"loss": 0.5})
    repository.commit("gelu", Net(act=nn.GELU), example)
    (root / "notes.txt").write_text("no weights")
    repository.commit("bare", root / "notes.txt")
    return repository


def test_networks_are_aligned(networks) -> None:
    """One layer was widened, the next one follows; or one is of another kind."""
    wider = diff(networks, "net", "wide").network
    retyped = diff(networks, "net", "gelu").network

    assert [(c.kind, c.after) for c in wider.changes] == [("resized", "0"), ("following", "2")]
    assert [(c.kind, c.after) for c in retyped.changes] == [("retyped", "1")]
    assert diff(networks, "net", "net").network is None


class Aux(Net):
    """Has a second head while it trains."""

    def __init__(self) -> None:
        super().__init__()
        self.aux = nn.Linear(16, 2)

    def forward(self, x: torch.Tensor) -> object:
        hidden = self[1](self[0](x))
        return (self[2](hidden), self.aux(hidden)) if self.training else self[2](hidden)


def test_what_trains(repository) -> None:
    """A frozen layer computes the same; a head that only trains is said apart."""
    example = torch.zeros(2, 8)
    net, other = Net(), Net()
    other[0].requires_grad_(requires_grad=False)
    repository.commit("net", net, example)
    repository.commit("frozen", other, example)
    repository.commit("aux", Aux(), example)
    frozen = diff(repository, "net", "frozen", only=["network"]).network
    aux = diff(repository, "net", "aux", only=["network"]).network

    assert [(c.kind, c.after) for c in frozen.changes] == [("frozen", "0")]
    assert frozen.layers_same == 5
    assert ("inserted", "aux") in [(c.kind, c.after) for c in aux.training]
    assert aux.training_gap is None


def test_only_what_is_asked_for_is_compared(networks) -> None:
    """The rest comes out empty."""
    found = diff(networks, "net", "wide", only=["metrics"])

    assert [m.name for m in found.metrics] == ["loss"]
    assert not any((found.network, found.tensors, found.files, found.hyperparameters))


def test_a_network_that_is_not_known(networks) -> None:
    """Is not taken for an empty one."""
    found = diff(networks, "net", "bare", only=["network"])

    assert (found.network.after, list(found.network.changes)) == (None, [])
    assert not found.is_empty


def test_courses_that_differ(repository, root) -> None:
    """The same log is not told; another value or another length is."""
    for name, last in (("a", 1), ("b", 1), ("c", 2)):
        (root / name).mkdir()
        (root / name / "metrics.csv").write_text(f"step,loss,f1\n0,3,0.5\n1,{last},0.5\n")
        (root / name / "note.txt").write_text(name)
        repository.commit(name, root / name)
    (course,) = diff(repository, "a", "c").courses

    assert (course.name, course.before[-1], course.after[-1]) == ("loss", (1, 1.0), (1, 2.0))
    assert diff(repository, "a", "b").courses == []
    assert diff(repository, "a", "c", only=["weights"]).courses == []
