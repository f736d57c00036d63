"""Versions evaluated on real digits, beside plain PyTorch."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from torch.nn import functional
from train import TRAINING, LeNet, digits

from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.operations.eval import EvalOptions, ends_in_softmax, evaluate, wanted_inputs
from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import DataOptions
from modelhub.network import Arguments, Network, Node, Value
from modelhub.wrappers import MODULES


def trained(steps):
    torch.manual_seed(0)
    net = LeNet()
    images, labels = digits()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    for step in range(steps):
        chosen = slice(50 * step, 50 * step + 50)
        optimizer.zero_grad()
        functional.cross_entropy(net(images[chosen]), labels[chosen]).backward()
        optimizer.step()
    return net


@pytest.fixture(scope="module")
def nets():
    """LeNet, trained a little and a little more, and its network."""
    first, second = trained(5), trained(20)
    captured = MODULES.get("torch").capture(first, (torch.zeros(2, 1, 28, 28),))
    return first, second, captured


@pytest.fixture
def lenet(repository, nets):
    """Two versions of LeNet."""
    for number, net in enumerate(nets[:2]):
        options = CommitOptions(network=nets[2], snapshot=f"step-{number}")
        commit_state(repository, "lenet", net.state_dict(), options=options)
    return repository


@pytest.fixture
def data(tmp_path):
    """The test digits, as arrays in a file."""

    def save(name="digits.npz", **more):
        images, labels = digits()
        arrays = {"x": images[TRAINING:].numpy(), "y": labels[TRAINING:].numpy()} | more
        path = tmp_path / name
        np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
        return str(path)

    return save


def test_outputs_are_those_of_torch(lenet, nets, data, tmp_path) -> None:
    """Bit for bit on the same weights, and so are the metrics made of them."""
    images, labels = digits()
    path = tmp_path / "out.npz"
    options = EvalOptions(predictions=path, batch_size=50, metrics=["accuracy", "loss", "top3"])
    found = evaluate(lenet, ["lenet@2"], data(), options=options)
    with torch.no_grad():
        batches = images[TRAINING:].split(50)
        expected = torch.cat([nets[1](batch) for batch in batches])
    saved = np.load(path)

    np.testing.assert_array_equal(saved["outputs"], expected.numpy())
    np.testing.assert_array_equal(saved["predictions"], expected.argmax(1).numpy())
    np.testing.assert_array_equal(saved["labels"], labels[TRAINING:].numpy())
    (row,) = found.rows
    right = (expected.argmax(1) == labels[TRAINING:]).double().mean()
    loss = functional.cross_entropy(expected.double(), labels[TRAINING:])
    assert row.metrics["accuracy"] == right.item() > 0.5
    assert row.metrics["loss"] == pytest.approx(loss.item(), rel=1e-12)
    assert list(row.metrics) == ["accuracy", "loss", "top3"]
    assert (row.examples, found.label) == (len(labels) - TRAINING, "y")


def test_several_versions_are_compared(lenet, data) -> None:
    """A row each, class by class if asked for."""
    options = EvalOptions(per_class=True)
    found = evaluate(lenet, ["lenet@1", "lenet@2"], data(), options=options)
    first, second = found.rows
    assert first.metrics["accuracy"] < second.metrics["accuracy"]
    assert [sum(c.examples for c in row.classes) for row in found.rows] == [297, 297]
    assert len(first.confusion) == 10
    assert found.notes == []


def test_results_are_recorded_with_the_hash_of_the_data(lenet, data) -> None:
    """As metrics and a note; the version id stays."""
    before = lenet["lenet"].id
    found = evaluate(lenet, ["lenet"], data(), options=EvalOptions(annotates=True))
    version = lenet["lenet"]
    assert version.id == before
    assert version.metrics["eval/accuracy"] == found.rows[0].metrics["accuracy"]
    assert found.data_id in version.description.notes["eval"]
    assert found.annotated == ["lenet@2"]


def test_every_snapshot(repository, nets, data, root) -> None:
    """Each with its weights, in the order of the training; only the last has the plain names."""
    for number, net in enumerate(nets[:2]):
        torch.save(net.state_dict(), root / f"model_{number + 1:04d}.pt")
    options = CommitOptions(network=nets[2])

    paths = [root / f"model_{n:04d}.pt" for n in (1, 2)]
    commit(repository, "lenet", paths=paths, options=options)
    options = EvalOptions(snapshot="all", annotates=True)
    found = evaluate(repository, ["lenet"], data(), options=options)
    assert [row.step for row in found.rows] == [1, 2]
    for row, net in zip(found.rows, nets, strict=False):
        images, labels = digits()
        with torch.no_grad():
            right = (net(images[TRAINING:]).argmax(1) == labels[TRAINING:]).double().mean()
        assert row.metrics["accuracy"] == pytest.approx(right.item())
    first = found.rows[0]
    metrics = repository["lenet"].metrics
    assert metrics[f"eval/{first.snapshot}/accuracy"] == first.metrics["accuracy"]
    assert metrics["eval/accuracy"] == found.rows[1].metrics["accuracy"]


BYTES = np.zeros((297, 1, 28, 28), np.uint8)


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"x": BYTES}, {}, "--scale 1/255"),
        ({"x": np.zeros((297, 28, 28), np.float32)}, {}, r"takes \[1, 28, 28\]"),
        ({"y": np.full(297, 12)}, {}, "a label is 12, the network tells 10 classes apart"),
        ({"y": None}, {}, "no labels"),
        ({"x": None}, {}, "has no field"),
        ({"x": BYTES[:0].astype(np.float32), "y": np.zeros(0, int)}, {}, "the data are empty"),
        ({}, {"output": 3}, "has 1 outputs"),
    ],
)
def test_wrong_data(lenet, data, arrays, options, message) -> None:
    """What does not fit is told in one line."""
    with pytest.raises(InputError, match=message) as raised:
        evaluate(lenet, ["lenet"], data(**arrays), options=EvalOptions(**options))
    assert "\n" not in str(raised.value)


def test_wrong_questions(lenet, data, repository, state, tmp_path) -> None:
    """Metrics, snapshots, files and networks that are not there."""
    repository.commit("bare", state)
    place = data()
    for revision, options, error, message in [
        ("lenet", EvalOptions(metrics=["acc"]), NotFoundError, "no metric is called 'acc'"),
        ("lenet", EvalOptions(snapshot="x"), NotFoundError, "x"),
        ("bare", EvalOptions(), InputError, "has no network"),
        ("lenet::fc1*", EvalOptions(), InputError, "names tensors"),
        ("lenet", EvalOptions(predictions=tmp_path / "a.txt"), InputError, "call the file"),
        ("lenet", EvalOptions(predictions=tmp_path / "no/a.npz"), NotFoundError, "no folder"),
    ]:
        with pytest.raises(error, match=message):
            evaluate(lenet, [revision], place, options=options)
    many = EvalOptions(predictions=tmp_path / "a.npz")
    with pytest.raises(InputError, match="2 are evaluated"):
        evaluate(lenet, ["lenet@1", "lenet@2"], place, options=many)


def test_outputs_that_are_no_numbers(repository, nets, data) -> None:
    """They are counted, and said."""
    state = {name: value.clone() for name, value in nets[0].state_dict().items()}
    state["fc2.bias"][0] = float("nan")
    commit_state(repository, "nan", state, options=CommitOptions(network=nets[2]))
    found = evaluate(repository, ["nan"], data(), options=EvalOptions())
    assert found.rows[0].nans == found.rows[0].broken_examples == 297
    assert "297 NaN" in found.notes[0]
    assert found.rows[0].metrics["accuracy"] == 0


def test_data_that_change_between_passes(lenet, tmp_path, monkeypatch) -> None:
    """Rows on different data are not to be compared."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "noise_eval.py").write_text(
        "import numpy as np\nrng = np.random.default_rng(0)\n"
        "def data():\n    yield rng.random((4, 1, 28, 28), np.float32), np.arange(4)\n"
    )
    found = evaluate(lenet, ["lenet@1", "lenet@2"], "noise_eval:data")
    assert "other data for lenet@2/step-1" in found.notes[0]


def test_bytes_are_scaled_when_asked(lenet, data) -> None:
    """The same pictures as bytes give nearly the same accuracy."""
    images, _ = digits()
    pixels = (images[TRAINING:].numpy() * 255).round().astype(np.uint8)
    place = data("bytes.npz", x=pixels)
    scaled = EvalOptions(data=DataOptions(scale=Fraction(1, 255)))
    one = evaluate(lenet, ["lenet"], data()).rows[0].metrics["accuracy"]
    other = evaluate(lenet, ["lenet"], place, options=scaled).rows[0].metrics["accuracy"]
    assert other == pytest.approx(one, abs=0.02)


def softmax(kind):
    read = {"$": "s"}
    value = Value(dtype="float32", shape=(4, "s0"))
    return Network(
        dialect="aten",
        nodes=[
            Node(name="x", op="input", outputs=[value]),
            Node(
                name="s",
                op="layer",
                template="SOFTMAX",
                kind=kind,
                inputs=Arguments(args=[{"$": "x"}]),
            ),
            Node(name="v", op="function", plumbing=True, inputs=Arguments(args=[read])),
            Node(name="output", op="output", inputs=Arguments(args=[{"$": "v"}])),
        ],
    )


def test_what_the_network_says_of_itself() -> None:
    """A softmax at its end, though not of logarithms; sizes that are fixed and open."""
    assert ends_in_softmax(softmax(None), 0)
    assert not ends_in_softmax(softmax("LOG"), 0)
    (wanted,), fixed = wanted_inputs(softmax(None), ["x"])
    assert (wanted.shape, fixed) == ((None,), 4)


@pytest.mark.parametrize("metrics", [(), ("accuracy", "f1"), ("top3",)])
def test_by_levels_the_metrics_are_the_same(lenet, data, metrics) -> None:
    """Every label is that of all weights; the first stage reads less than all."""
    plain = evaluate(lenet, ["lenet"], data(), options=EvalOptions(metrics=metrics)).rows[0]
    options = EvalOptions(metrics=metrics, progressive=True)
    found = evaluate(lenet, ["lenet"], data(), options=options).rows[0]

    assert found.examples == plain.examples
    assert found.metrics == {name: plain.metrics[name] for name in found.metrics}
    assert list(found.metrics) == list(metrics or ["accuracy"])
    first, last = found.stages[0], found.stages[-1]
    assert 0 < first.read < 0.75
    assert first.certain > 0.1
    assert last.certain == 1
    name = next(iter(found.metrics))
    if name != "f1":
        for stage in found.stages:
            assert stage.at_least <= found.metrics[name] + 1e-12
            assert found.metrics[name] <= stage.at_most + 1e-12


def test_by_levels_classes_are_counted_the_same(lenet, data) -> None:
    """The confusion of all classes is that of the plain evaluation."""
    plain = evaluate(lenet, ["lenet"], data(), options=EvalOptions(per_class=True)).rows[0]
    options = EvalOptions(per_class=True, progressive=True)
    found = evaluate(lenet, ["lenet"], data(), options=options).rows[0]

    assert found.confusion == plain.confusion


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metrics": ("loss",)}, "loss is made of all outputs"),
        ({"metrics": ("accuracy", "top5")}, "need different sets"),
        ({"output": 1}, "only labels of the first output"),
    ],
)
def test_by_levels_only_labels_are_measured(lenet, data, options, said) -> None:
    """What is made of all outputs needs all weights."""
    with pytest.raises(InputError, match=said):
        evaluate(lenet, ["lenet"], data(), options=EvalOptions(progressive=True, **options))


def test_by_levels_a_network_without_rules_is_told(repository, data) -> None:
    """Its last node is named, and the way out."""
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 10, 28), torch.nn.Flatten())
    captured = MODULES.get("torch").capture(net, (torch.zeros(2, 1, 28, 28),))
    options = CommitOptions(network=captured)
    commit_state(repository, "flat", net.state_dict(), options=options)

    with pytest.raises(InputError, match=r"its last node is .*; evaluate the network plainly"):
        evaluate(repository, ["flat"], data(), options=EvalOptions(progressive=True))
