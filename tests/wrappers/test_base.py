"""The sink that remembers."""

from modelhub.wrappers import Recording
from modelhub.wrappers.base import MAX_TEXT, storable


def test_the_last_value_counts():
    """Of settings and metrics; the history keeps all that have steps, in order."""
    sink = Recording()
    sink.hyperparameter("lr", 1)
    sink.hyperparameter("lr", [1, 2])
    sink.metric("loss", 3, step=2)
    sink.metric("loss", 2, step=1)
    sink.metric("loss", 1)
    sink.note("line 3 is passed over\ud800")
    assert sink.hyperparameters == {"lr": [1, 2]}
    assert sink.metrics == {"loss": 1}
    assert sink.history == {"loss": [(2, 3), (1, 2)]}
    assert sink.notes == ["line 3 is passed over?"]


def test_texts_are_such_as_can_be_stored():
    """Cut, and without halves of surrogate pairs."""
    sink = Recording()
    sink.hyperparameter("k\ud800", "v\udfff" + "x" * 5000)
    sink.hyperparameter("list", ["a\ud800"])
    sink.metric("m" * 5000, 1)
    assert sink.hyperparameters["k?"][:3] == "v?x"
    assert len(sink.hyperparameters["k?"]) == MAX_TEXT
    assert sink.hyperparameters["list"] == ["a?"]
    assert list(sink.metrics) == ["m" * MAX_TEXT]
    assert storable("größe\n") == "größe\n"
