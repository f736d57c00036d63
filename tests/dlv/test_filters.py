"""Conditions on versions."""

from dataclasses import dataclass, field

import pytest

from modelhub.dlv.filters import check_metrics, read_filter
from modelhub.errors import InputError


@dataclass
class Version:
    metrics: dict[str, float] = field(default_factory=lambda: {"accuracy": 0.9, "val loss": 0.5})
    tags: tuple[str, ...] = ("best-1", "v2")
    created: str = "2026-03-04T05:06:07Z"
    size: int = 100
    parameters: int = 431_080
    snapshots: int = 3


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("accuracy>0.8", True),
        ("accuracy > 0.9", False),
        ("accuracy>=0.9", True),
        ("accuracy!=0.9", False),
        ("accuracy=9e-1", True),
        ("val loss < 1", True),
        ("missing<1", False),
        ("missing!=1", False),
        ("tag=best*", True),
        ("tag=BEST*", False),
        ("tag!=v1", True),
        ("parameters<=1e6", True),
        ("snapshots>3", False),
        ("size=100", True),
        ("created>=2026-03", True),
        ("created=2026-03-04", True),
        ("created<2026-03-04 05:06", False),
    ],
)
def test_conditions(text: str, *, holds: bool) -> None:
    """A version that lacks the metric never fits."""
    assert read_filter(text).holds(Version()) == holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("accuracy", "'accuracy' is no condition; say accuracy>0.9"),
        ("accuracy>", "is no condition"),
        (">0.9", "is no condition"),
        ("accuracy>high", "'high' is no number"),
        ("tag>v1", "tags are compared by = and != only"),
    ],
)
def test_what_is_no_condition(text: str, said: str) -> None:
    """Is refused with an example."""
    with pytest.raises(InputError, match=said):
        read_filter(text)


def test_a_metric_that_no_version_has() -> None:
    """Is a slip, and those that there are are named."""
    check_metrics([read_filter("accuracy>2"), read_filter("tag=x")], [Version()])
    with pytest.raises(InputError, match="'acuracy'; there are: accuracy, val loss"):
        check_metrics([read_filter("acuracy>0")], [Version()])
