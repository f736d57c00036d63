"""Values as people read them."""

from datetime import UTC, datetime
from enum import Enum

import pytest

from modelhub.pages.blocks import Estimate, Kind
from modelhub.pages.wording import human_count, human_size, raw, spoken


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1_048_575, "1.0 MiB"),
        (3 << 40, "3.0 TiB"),
        (1 << 70, "1024.0 EiB"),
    ],
)
def test_sizes_as_people_say_them(size: int, text: str) -> None:
    """One digit after the point, and never 1024 of a unit that has a next one."""
    assert human_size(size) == text


def test_counts_have_separators() -> None:
    """431080 parameters are easier to read so."""
    assert human_count(431_080) == "431,080"


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        ([1, None, "a\n"], "1, , a\\n"),
        (float("nan"), "nan"),
        (1e-9, "1e-09"),
        (Colour.RED, "red"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    ],
)
def test_values_as_people_read_them(value: object, text: str) -> None:
    """Each kind of value has one way to be shown."""
    assert spoken(value) == text


def test_estimates_are_marked() -> None:
    """People and programs see that a number is one."""
    assert spoken(Estimate(0.25)) == "~0.25"
    assert spoken(Estimate(0.25), Kind.SHARE) == "~25.0%"
    assert raw(Estimate(0.25)) == "~0.25"


def test_a_course_is_a_small_curve() -> None:
    """Of a character for each number."""
    assert spoken([0.0, 1.0], Kind.COURSE) == "▁█"


def test_numbers_with_names() -> None:
    """People see the first three, programs all, with every digit."""
    numbers = {"a": 0.123456789, "b": 2, "c": float("nan"), "d": 1.0}
    assert spoken(numbers) == "a=0.1235 b=2 c=nan …"
    assert spoken({"a": 1.0, "b": 2.0, "c": 3.0}) == "a=1 b=2 c=3"
    assert spoken({}) == ""
    assert raw(numbers) == "a=0.123456789 b=2 c=nan d=1.0"
