"""Durations as they are typed and shown."""

import pytest

from modelhub.cli.seconds import human_seconds, read_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("2s", 2.0), ("250ms", 0.25), ("1.5 min", 90.0), ("1h", 3600.0), ("30us", 3e-5)],
)
def test_durations_with_and_without_units(text, seconds):
    """Seconds without a unit."""
    assert read_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "nan", "2 parsecs", "inf"])
def test_what_is_no_duration(text):
    """Nothing is read into it."""
    assert read_seconds(text) is None


def test_the_unit_that_fits():
    """Three digits are enough."""
    assert [human_seconds(each) for each in (12.345, 0.5, 0.0000123)] == [
        "12.3 s",
        "500 ms",
        "12.3 us",
    ]
