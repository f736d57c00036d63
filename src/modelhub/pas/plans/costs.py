"""What edges cost: bytes by store, and seconds by store and encoding, as measured once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from modelhub.errors import InputError, NotFoundError
from modelhub.pas.plans.graph import Reals
from modelhub.values import Json

SIZES = (1 << 16, 1 << 20, 1 << 23)  # bytes at which a line is measured
_REPEATS = 5

Timing = Callable[[int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Seconds as a line over bytes.

    Attributes:
        start_s: whatever the size.
        byte_s: for each byte.
    """

    start_s: float
    byte_s: float

    def __post_init__(self) -> None:
        for number in (self.start_s, self.byte_s):
            if not 0 <= number < float("inf"):
                raise InputError(f"a cost is finite and not negative, not {number}")

    def seconds(self, size_bytes: Reals) -> Reals:
        """How long so many bytes take."""
        return self.start_s + self.byte_s * size_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CostModel:
    """The coefficients of a machine; measured by `calibrate`, kept by the caller.

    Attributes:
        stores: for each store, seconds to read stored bytes.
        encodings: for each encoding, and each kind of delta, seconds to decode to raw bytes.
    """

    stores: Mapping[str, Line]
    encodings: Mapping[str, Line]

    def recreation(
        self, *, store: str, encoding: str, stored_bytes: Reals, raw_bytes: Reals
    ) -> Reals:
        """Seconds to go along edges (c_r): to read what is stored, and to decode it.

        Raises:
            NotFoundError: the store or the encoding has not been measured.
        """
        read = _line(self.stores, store, "store").seconds(stored_bytes)
        return read + _line(self.encodings, encoding, "encoding").seconds(raw_bytes)

    def to_json(self) -> dict[str, Json]:
        """The coefficients as `from_json` reads them."""
        return {
            part: {name: [line.start_s, line.byte_s] for name, line in sorted(lines.items())}
            for part, lines in (("stores", self.stores), ("encodings", self.encodings))
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "CostModel":
        """The model of a mapping.

        Raises:
            InputError: these are no coefficients.
        """
        try:
            parts = [
                {str(k): Line(start_s=float(a), byte_s=float(b)) for k, (a, b) in lines.items()}
                for lines in (written["stores"], written["encodings"])
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"these are no coefficients of costs: {error!r}") from None
        return cls(stores=parts[0], encodings=parts[1])


def calibrate(
    *,
    stores: Mapping[str, Timing],
    encodings: Mapping[str, Timing],
    sizes: tuple[int, ...] = SIZES,
) -> CostModel:
    """Measure a machine.

    Args:
        stores: each reads so many stored bytes, and says in how many seconds.
        encodings: each decodes to so many raw bytes, and says in how many seconds.
        sizes: in bytes, at least two of them.

    Raises:
        InputError: fewer than two sizes, or a timing that is no time.

    Cost:
        five calls at each size; a second or two with the given sizes.
    """
    if len(set(sizes)) < 2:  # noqa: PLR2004 - a line has two ends
        raise InputError("costs are measured at two sizes at least")
    return CostModel(
        stores={name: _measured(name, timing, sizes) for name, timing in stores.items()},
        encodings={name: _measured(name, timing, sizes) for name, timing in encodings.items()},
    )


def _measured(name: str, timing: Timing, sizes: tuple[int, ...]) -> Line:
    """The line of the least relative error, of those that are nowhere negative."""
    took = np.array([median(timing(size) for _ in range(_REPEATS)) for size in sizes])
    if not (np.isfinite(took) & (took >= 0)).all():
        raise InputError(f"{name} took {took.min()} s, which is no time")
    scale = np.maximum(took, np.finfo(np.float64).tiny)
    columns = np.stack([np.ones(len(sizes)), np.array(sizes, np.float64)], axis=1)
    (start, slope), *_ = np.linalg.lstsq(columns / scale[:, None], took / scale, rcond=None)
    if slope < 0:
        return Line(start_s=float(np.median(took)), byte_s=0.0)
    if start < 0:
        return Line(start_s=0.0, byte_s=float(np.median(took / columns[:, 1])))
    return Line(start_s=float(start), byte_s=float(slope))


def _line(lines: Mapping[str, Line], name: str, what: str) -> Line:
    if name not in lines:
        known = ", ".join(sorted(lines)) or "none"
        raise NotFoundError(f"the {what} {name!r} has not been measured; there are: {known}")
    return lines[name]
