"""Times as people write them."""

import pytest

from modelhub.dql.dates import as_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2015-11-22", "2015-11-22"),
        ("2015 -11 -22", "2015-11-22"),
        (" 2026-01-05 10:30 ", "2026-01-05T10:30"),
        ("2026-01-05T10:30:00", "2026-01-05T10:30:00"),
    ],
)
def test_a_time_is_iso_text(text: str, date: str) -> None:
    """As exactly as it was given; blanks of a PDF do not matter."""
    assert as_date(text) == date


def test_a_day_compares_with_days(rows) -> None:
    """A version of today is not later than today."""
    [[today]] = rows('select date(m.created) where m.name = "alexnet_a"')
    assert len(rows("select m where m.created > :day", day=today)) == 0
    assert len(rows("select m where m.created >= :day", day=today)) == 4
