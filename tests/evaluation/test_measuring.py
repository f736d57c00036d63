"""Models run over data."""

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.evaluation import (
    DataOptions,
    EvaluationOptions,
    Predictions,
    WantedInput,
    connect,
    evaluate,
    open_data,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(10, 4)).astype(np.float32)
Y = RNG.integers(0, 3, 10)
W = RNG.normal(size=(4, 3)).astype(np.float32)
WANTED = [WantedInput(name="x", dtype="float32", shape=(4,))]


@pytest.fixture
def feed(tmp_path):
    def make(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        return connect(open_data(str(tmp_path / "a.npz")), WANTED, DataOptions())

    return make


def linear(batch):
    return [batch["x"] @ W, batch["x"]]


def test_what_fits_the_labels_is_measured(feed) -> None:
    """Classes give accuracy and loss, numbers the squared error."""
    found = evaluate(linear, feed(x=X, y=Y), EvaluationOptions(batch_size=3))
    assert list(found.metrics) == ["accuracy", "loss"]
    assert found.metrics["accuracy"] == np.mean((X @ W).argmax(1) == Y)
    assert (found.examples, found.classes, found.confusion) == (10, [], [])
    found = evaluate(linear, feed(x=X, y=X @ W), EvaluationOptions(batch_size=10))
    assert found.metrics == {"mse": 0}
    with pytest.raises(InputError, match="say what is measured with --metric"):
        evaluate(linear, feed(x=X, y=X), EvaluationOptions())


def test_classes_and_other_outputs(feed) -> None:
    """As they are asked for; so is the order of metrics."""
    options = EvaluationOptions(metrics=("numpy:vdot", "f1"), per_class=True)
    with pytest.raises(InputError, match="numpy:vdot raised"):
        evaluate(linear, feed(x=X, y=Y), options)
    found = evaluate(
        linear, feed(x=X, y=Y), EvaluationOptions(metrics=("f1", "loss"), per_class=True)
    )
    assert list(found.metrics) == ["f1", "loss"]
    assert sum(map(sum, found.confusion)) == sum(each.examples for each in found.classes) == 10
    assert evaluate(linear, feed(x=X, y=X), EvaluationOptions(output=1)).metrics == {"mse": 0}
    with pytest.raises(InputError, match="has 2 outputs"):
        evaluate(linear, feed(x=X, y=Y), EvaluationOptions(output=2))


def test_what_is_no_number_is_counted(feed) -> None:
    """Elements, and the examples that they spoil."""

    def broken(batch):
        outputs = batch["x"] @ W
        outputs[0, 0], outputs[0, 1], outputs[1, 2] = np.nan, np.inf, -np.inf
        return [outputs]

    found = evaluate(broken, feed(x=X, y=Y), EvaluationOptions(batch_size=5))
    assert (found.nans, found.infinities, found.broken_examples) == (2, 4, 4)
    assert np.isnan(found.metrics["loss"])


def test_predictions_are_put_by(feed) -> None:
    """With labels or without; without, nothing else can be done."""
    kept = Predictions()
    evaluate(linear, feed(x=X, y=Y), EvaluationOptions(batch_size=3), predictions=kept)
    np.testing.assert_allclose(kept.outputs.array(), X @ W, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(kept.named.array(), (X @ W).argmax(1))
    assert [each.name for each in kept.outgoing()] == ["outputs", "labels", "predictions"]
    kept.close()
    kept = Predictions()
    assert evaluate(linear, feed(x=X), EvaluationOptions(), predictions=kept).metrics == {}
    assert [each.name for each in kept.outgoing()] == ["outputs", "predictions"]
    kept.close()
    with pytest.raises(InputError, match="no labels"):
        evaluate(linear, feed(x=X), EvaluationOptions())


def test_empty_data_and_odd_outputs(feed) -> None:
    """Both are told."""
    with pytest.raises(InputError, match="the data are empty"):
        evaluate(linear, feed(x=X[:0], y=Y[:0]), EvaluationOptions())
    with pytest.raises(InputError, match=r"output of shape \[\] for 10 examples"):
        evaluate(lambda _: [np.float32(1)], feed(x=X, y=Y), EvaluationOptions())


def test_progress_ends_where_it_should(feed) -> None:
    """In bytes of what was fed."""
    told = []
    evaluate(
        linear,
        feed(x=X, y=Y),
        EvaluationOptions(batch_size=4),
        progress=lambda *each: told.append(each),
        label="net",
    )
    assert told == [("net", 64, 160), ("net", 128, 160), ("net", 160, 160)]
