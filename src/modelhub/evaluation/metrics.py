"""What is measured: the protocol, and which metrics there are."""

import difflib
import re
from collections.abc import Callable
from typing import Any, Protocol

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation.classification import TopK
from modelhub.evaluation.data import Array
from modelhub.evaluation.named import is_named, load_named, told
from modelhub.evaluation.scored import Scored
from modelhub.plugins import Registry

_TOP = re.compile(r"top([1-9]\d{0,5})")


class Metric(Protocol):
    """Accumulates over batches; the same however the examples are cut into them."""

    def update(self, scored: Scored) -> None:
        """Take a batch into account.

        Raises:
            InputError: outputs or labels are not what it measures; says why.
        """
        ...

    def value(self) -> float:
        """Over all batches so far; NaN if nothing counted."""
        ...


METRICS: Registry[Callable[[], Metric]] = Registry(
    "modelhub.metrics",
    {
        "accuracy": "modelhub.evaluation.classification:Accuracy",
        "f1": "modelhub.evaluation.by_class:F1",
        "loss": "modelhub.evaluation.classification:Loss",
        "mae": "modelhub.evaluation.regression:MeanAbsoluteError",
        "mse": "modelhub.evaluation.regression:MeanSquaredError",
        "perplexity": "modelhub.evaluation.classification:Perplexity",
        "precision": "modelhub.evaluation.by_class:Precision",
        "recall": "modelhub.evaluation.by_class:Recall",
        "rmse": "modelhub.evaluation.regression:RootMeanSquaredError",
        "top5": "modelhub.evaluation.classification:Top5",
    },
)


class FunctionMetric:
    """A function of the user's, called once with all outputs and all labels."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name = name
        self._function = function

    def __call__(self, outputs: Array, labels: Array) -> float:
        """What the function makes of them.

        Raises:
            InputError: it raises, or gives no number.
        """
        try:
            return float(self._function(outputs, labels))
        except Exception as error:
            raise InputError(f"the metric {self._name} raised {told(error)}") from error


def metric(name: str) -> Metric | FunctionMetric:
    """A fresh metric by its name: `top3`, too, and `package.module:function`.

    Raises:
        NotFoundError: there is none; says which is meant.
    """
    top = _TOP.fullmatch(name)
    if top:
        return TopK(int(top[1]))
    if is_named(name):
        return FunctionMetric(name, load_named(name))
    known = list(METRICS)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=2)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(known)}"
        raise NotFoundError(f"no metric is called {name!r}; {hint}")
    return METRICS.get(name)()
