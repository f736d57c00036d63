"""What is kept, and what need not go on."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.trials import Threshold, Top, is_falling
from modelhub.trials.rules import at, kept

VALUES = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def best(values, count):
    ranked = sorted(range(len(values)), key=lambda n: (values[n], n))
    return ranked[:count]


@pytest.mark.property
@given(values=VALUES, count=st.integers(1, 6), order=st.randoms(use_true_random=False))
def test_top_never_stops_one_of_the_best(values, count: int, order: random.Random) -> None:
    """In whatever order trials come to the step; and with none stopped, the same are kept."""
    rule = Top(count=count, metric="loss", after=10, is_falling=True)
    courses = {}
    stopped = set()
    arrivals = list(range(len(values)))
    order.shuffle(arrivals)
    for number in arrivals:
        courses[number] = [(10, {"loss": float(values[number])})]
        stopped |= {each for each in courses if rule.refuses(each, courses) is not None}
    finished = set(arrivals) - stopped
    assert not stopped & set(best(values, count))
    assert kept([rule], courses, finished) == best(values, count)


def test_less_of_a_loss_is_better() -> None:
    """By the name, whatever stands before it."""
    assert all(map(is_falling, ["loss", "test_loss", "top1_error", "RMSE"]))
    assert not any(map(is_falling, ["accuracy", "f1", "losses_avoided"]))


def test_greater_is_better_of_an_accuracy() -> None:
    """And without a step the end counts, of those that finished."""
    rule = Top(count=1, metric="accuracy", is_falling=False)
    courses = {0: [(1, {"accuracy": 0.9})], 1: [(1, {"accuracy": 0.2}), (2, {"accuracy": 0.8})]}
    assert rule.refuses(1, courses) is None
    assert kept([rule], courses, [0, 1]) == [0]
    assert kept([rule], courses, [1]) == [1]


def test_the_first_report_behind_a_step_counts() -> None:
    """A training that reports now and then is judged, too."""
    course = [(30, {"loss": 3.0}), (60, {"loss": 2.0}), (90, {"loss": 1.0})]
    assert at(course, 50) == {"loss": 2.0}
    assert at(course, 100) is None
    assert at(course, None) == {"loss": 1.0}


def test_a_trial_that_failed_leaves_its_place_empty() -> None:
    """What is kept does not depend on the order in which trials ran."""
    rule = Top(count=2, metric="loss", after=1, is_falling=True)
    courses = {n: [(1, {"loss": float(n)})] for n in range(3)}
    assert kept([rule], courses, [1, 2]) == [1]


def test_nan_is_never_among_the_best() -> None:
    """It has no place at all."""
    rule = Top(count=2, metric="f1", after=1, is_falling=False)
    courses = {0: [(1, {"f1": math.nan})], 1: [(1, {"f1": 0.1})]}
    assert rule.best(courses) == [1]


def test_a_threshold_stops_where_it_does_not_hold() -> None:
    """At its step; without one, the end is judged."""
    early = Threshold(
        text="accuracy > 0.5 after 10",
        holds=lambda m: m["accuracy"] > 0.5,
        metrics=["accuracy"],
        after=10,
    )
    late = Threshold(text="accuracy > 0.5", holds=early.holds, metrics=["accuracy"])
    courses = {0: [(5, {"accuracy": 0.1})], 1: [(10, {"accuracy": 0.1})]}
    assert early.refuses(0, courses) is None
    assert early.refuses(1, courses) == "accuracy > 0.5 after 10 does not hold"
    assert late.refuses(1, courses) is None
    assert kept([late], {**courses, 2: [(9, {"accuracy": 0.7})]}, [0, 1, 2]) == [2]


def test_rules_all_hold() -> None:
    """And without any, all that finished are kept, by number."""
    top = Top(count=2, metric="loss", after=1, is_falling=True)
    low = Threshold(text="loss < 1", holds=lambda m: m["loss"] < 1, metrics=["loss"], after=1)
    courses = {0: [(1, {"loss": 2.0})], 1: [(1, {"loss": 0.5})], 2: [(1, {"loss": 0.2})]}
    assert kept([top, low], courses, [0, 1, 2]) == [2, 1]
    assert kept([low], courses, [2, 1, 0]) == [1, 2]
    assert kept([], courses, [2, 0]) == [0, 2]
