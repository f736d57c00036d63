"""Times as people write them, compared as ISO 8601 text."""

import re

_LOOSE = re.compile(r"\s*([-:])\s*")


def as_date(text: str) -> str:
    """A time as the catalog writes it, as exactly as it was given.

    >>> as_date("2015 -11 -22"), as_date("2026-01-05 10:30")
    ('2015-11-22', '2026-01-05T10:30')
    """
    return "T".join(_LOOSE.sub(r"\1", text.strip()).split(maxsplit=1))
