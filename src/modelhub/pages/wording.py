"""Values as people read them: sizes, counts, numbers, ids."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from itertools import islice

from modelhub.pages.blocks import Estimate, Kind
from modelhub.pages.characters import visible
from modelhub.pages.spark import sparkline

ID_DIGITS = 12
SHOWN_NUMBERS = 3  # of several with names
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_KIB = 1024


def human_size(size: float) -> str:
    """A number of bytes as people say it.

    >>> human_size(1_677_722)
    '1.6 MiB'
    """
    if abs(size) < _KIB:
        return f"{size:.0f} B"
    for unit in _UNITS:
        size /= _KIB
        if abs(size) < _KIB - 0.05 or unit == _UNITS[-1]:  # 1023.95 would be shown as 1024.0
            break
    return f"{size:.1f} {unit}"


def human_count(count: int) -> str:
    """A whole number with thousands separators.

    >>> human_count(431_080)
    '431,080'
    """
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """A number of things: the noun in the singular, or with an s.

    >>> counted(1, "file"), counted(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{human_count(count)} {noun}{'' if count == 1 else 's'}"


def human_shape(shape: Sequence[int]) -> str:
    """The extents of a tensor.

    >>> human_shape((20, 1, 5, 5)), human_shape(())
    ('20x1x5x5', 'scalar')
    """
    return "x".join(map(str, shape)) or "scalar"


def spoken(value: object, kind: Kind = Kind.TEXT) -> str:
    """A value as people read it, safe for a terminal."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return visible(value[:ID_DIGITS] if kind is Kind.ID else value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return ("~" if isinstance(value, Estimate) else "") + _spoken_number(value, kind)
    if isinstance(value, list | tuple | set | frozenset):
        is_course = kind is Kind.COURSE
        return sparkline(list(value)) if is_course else ", ".join(spoken(v, kind) for v in value)
    return visible(_spoken_numbers(value) if isinstance(value, Mapping) else raw(value))


def _spoken_numbers(numbers: Mapping[str, float]) -> str:
    """The first few of several with names."""
    shown = [f"{name}={each:.4g}" for name, each in islice(numbers.items(), SHOWN_NUMBERS)]
    return " ".join(shown) + (" …" if len(numbers) > SHOWN_NUMBERS else "")


def _spoken_number(value: float, kind: Kind) -> str:
    if kind is Kind.SIZE:
        return human_size(value)
    if kind is Kind.SHARE:
        return f"{value:.1%}"
    if isinstance(value, int):
        return human_count(value) if kind is Kind.COUNT else str(value)
    return f"{value:.6g}"


def raw(value: object) -> str:
    """A value as programs read it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Mapping):
        return " ".join(f"{name}={raw(each)}" for name, each in value.items())
    return f"~{float(value)}" if isinstance(value, Estimate) else str(value)
