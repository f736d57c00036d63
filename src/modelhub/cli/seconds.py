"""Durations as they are typed, and as they are shown."""

import re

import click

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})?")


def read_seconds(text: str) -> float | None:
    """Seconds of `2`, `2s`, `250ms`, `1.5m`; None if it is no duration.

    >>> read_seconds("250ms"), read_seconds("2"), read_seconds("soon")
    (0.25, 2.0, None)
    """
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else float(found[1]) * _UNITS[found[2] or "s"]


def human_seconds(seconds: float) -> str:
    """Three digits, and the unit that fits.

    >>> human_seconds(0.00123), human_seconds(2.5), human_seconds(0.0)
    ('1.23 ms', '2.5 s', '0 s')
    """
    for name in ("s", "ms"):
        if seconds >= _UNITS[name]:
            return f"{seconds / _UNITS[name]:.3g} {name}"
    return f"{seconds * 1e6:.3g} us" if seconds else "0 s"


class Budget(click.ParamType[tuple[str | None, float]]):
    """`2s`, for every snapshot; or `REVISION=2s`."""

    name = "[rev=]seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str | None, float]:
        """Split, and read the duration; a revision may have an = in it."""
        if isinstance(value, tuple):
            return value
        revision, sign, text = str(value).rpartition("=")
        seconds = read_seconds(text)
        if seconds is None or (sign and not revision):
            self.fail(f"{value!r} is no budget; write 2s, 250ms or lenet@1=2s", param, ctx)
        return revision or None, seconds
