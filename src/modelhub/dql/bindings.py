"""What a condition comes to: the bindings of `$k` under which it holds.

No bindings mean that it does not hold; None, that it is not known.
"""

import re
from collections.abc import Iterable
from typing import Any

Bound = dict[str, str]
Outcome = list[Bound] | None


def holding(holds: bool | None, bound: Bound) -> Outcome:  # noqa: FBT001 - what it is about
    """The outcome of what holds, does not, or is not known (None)."""
    return None if holds is None else [bound] if holds else []


def negated(outcome: Outcome, bound: Bound) -> Outcome:
    """The outcome of the contrary; nothing is bound by it."""
    return None if outcome is None else [] if outcome else [bound]


def distinct(bounds: Iterable[Bound]) -> list[Bound]:
    """Bindings without those that are there twice."""
    return list({tuple(sorted(each.items())): each for each in bounds}.values())


def joined(one: Bound, two: Bound) -> Bound | None:
    """Both bindings together, unless they differ in a variable."""
    return None if any(one.get(key, value) != value for key, value in two.items()) else one | two


def substituted(value: Any, bound: Bound) -> Any:
    """A value with what is bound in place of `$k`.

    >>> substituted("relu$1", {"1": "3"})
    'relu3'
    """
    if not bound or not isinstance(value, str) or "$" not in value:
        return value
    names = "|".join(re.escape(each) for each in sorted(bound, key=len, reverse=True))
    return re.sub(rf"\$({names})", lambda found: bound[found[1]], value)
