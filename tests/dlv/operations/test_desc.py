"""Describing a version."""

import numpy as np
import pytest

from modelhub.dlv import describe
from modelhub.dlv.courses import COURSE
from modelhub.errors import InputError, NotFoundError


def test_statistics_come_from_the_commit(repository, monkeypatch) -> None:
    """Over the finite elements; zeros, NaNs and infinities are counted."""
    values = np.array([0, 1, -3, np.nan, np.inf, 0], np.float32)
    repository.commit("net", {"w": values, "flags": np.array([True, False])})
    reads: list[str] = []
    monkeypatch.setattr(repository.reader, "read", lambda id_, **_: reads.append(id_))
    tensors = {each.name: each for each in describe(repository, "net").tensors}
    found = tensors["w"].statistics
    assert (found.min, found.max, found.mean) == (-3, 1, -0.5)
    assert (found.zeros, found.nans, found.infinities) == (2, 1, 1)
    assert tensors["flags"].statistics.zeros == 1
    assert reads == []


def test_parents_that_are_gone_are_named_by_id(repository, state) -> None:
    """A freed version leaves its id in its children."""
    from modelhub.dlv import collect_garbage, remove

    first = repository.commit("net", state)
    repository.commit("child", {"w": np.ones(2)}, parents=[first])
    remove(repository, ["net"])
    collect_garbage(repository, grace_days=0)
    assert list(describe(repository, "child").parents) == [first.id[:12]]


def test_the_network_is_described(repository, root) -> None:
    """With what it costs for an input; a version without one refuses sizes."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    repository.commit("net", model, torch.zeros(2, 8))
    (root / "notes.txt").write_text("no weights")
    repository.commit("bare", root / "notes.txt")
    found = describe(repository, "net", sizes={"batch": [5]}).architecture

    assert [each.template for each in found.layers] == ["FULL", "RELU", "FULL"]
    assert found.macs == 5 * (8 * 16 + 16 * 2)
    assert describe(repository, "bare").architecture is None
    with pytest.raises(InputError, match="the network of bare@1 is not known"):
        describe(repository, "bare", sizes={"batch": [5]})


def test_the_course_of_a_metric_is_thinned(repository, root) -> None:
    """At most `COURSE` points, the first and the last among them."""
    lines = "".join(f'{{"step": {i}, "loss": {1 / (i + 1)}}}\n' for i in range(1000))
    (root / "run").mkdir()
    (root / "run/metrics.jsonl").write_text(lines)
    np.save(root / "run/w.npy", np.ones(3))
    repository.commit("net", root / "run")
    (loss,) = [each for each in describe(repository, "net").history if each.name == "loss"]

    assert (loss.points, len(loss.course)) == (1000, COURSE)
    assert (loss.course[0], loss.course[-1]) == ((0, 1.0), (999, 0.001))


def test_a_pattern_of_tensors_where_there_are_none(repository, root) -> None:
    """It is refused, as one that matches none."""
    (root / "notes.txt").write_text("only words")
    repository.commit("net", ["notes.txt"])
    with pytest.raises(NotFoundError, match="net@1 has no tensors"):
        describe(repository, "net::w")
