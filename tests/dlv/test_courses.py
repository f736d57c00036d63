"""Courses, cut to what people look at."""

import math

from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.courses import COURSE, course_of, cut, is_setting, prominence


def test_a_course_in_brief() -> None:
    """NaN is neither least nor greatest, but may be the last."""
    found = course_of("loss", [(0, 3.0), (1, 1.0), (2, math.nan)])

    assert (found.points, found.first, found.least, found.greatest) == (3, 3.0, 1.0, 3.0)
    assert math.isnan(found.last)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=3000))
def test_what_is_cut_keeps_ends_and_extremes(values: list[float]) -> None:
    """A spike in a long log is not lost."""
    points = list(enumerate(values))
    kept = cut(points)

    assert len(kept) <= COURSE
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert {min(values), max(values)} <= {value for _, value in kept}


def test_results_come_before_settings() -> None:
    """Test data, validation data, the rest, and how the training went on."""
    names = ["lr", "loss", "val_loss", "Epoch", "test_f1"]

    assert sorted(names, key=prominence) == ["test_f1", "val_loss", "loss", "lr", "Epoch"]
    assert is_setting("LR")
