"""What a query may ask for, so that any text is safe to run."""

from dataclasses import dataclass

MAX_LENGTH = 1 << 16  # characters of a query
MAX_DEPTH = 30  # of parentheses, lists and queries inside each other
MAX_CHAIN = 100  # sums or products in a row
MAX_DIGITS = 40  # of a number
MAX_HOPS = 64  # that a path may follow, all its steps together
MAX_SOURCES = 4  # variables that one select may range over
MAX_PATTERN = 512  # characters of a selector or pattern
MAX_SAVED = 8  # saved queries that name each other


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one query may cost.

    Attributes:
        rows: that it may give.
        candidates: tuples of versions that its joins may look at.
        seconds: that it may run.
    """

    rows: int = 100_000
    candidates: int = 2_000_000
    seconds: float = 60.0
