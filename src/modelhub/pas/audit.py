"""Whether what an archive says of a tensor is true of its elements."""

import math

from modelhub.errors import IntegrityError
from modelhub.pas.index import StoredTensor
from modelhub.pas.reader import ArchiveReader
from modelhub.pas.statistics import NOTHING, combine, has_statistics, moments, statistics_of
from modelhub.values import Statistics

_CLOSE = 1e-6  # of the largest magnitude: sums depend on the order in which they are taken


def audit_tensor(reader: ArchiveReader, stored: StoredTensor) -> None:
    """Decode a tensor whole, and compare it with its id, and its statistics with the elements.

    Raises:
        IntegrityError: they are not what they must be.

    Cost: one pass; a few groups are in memory.
    """
    info = stored.info
    total = NOTHING
    is_measured = has_statistics(info.dtype)
    for piece in reader.stream(info.id):
        if is_measured:
            total = combine(total, moments(piece, info.dtype))
    found = statistics_of(total) if is_measured else None
    if not _agree(stored.statistics, found):
        raise IntegrityError(f"the statistics of tensor {info.id} are not those of its elements")


def _agree(said: Statistics | None, found: Statistics | None) -> bool:
    if said is None or found is None:
        return said is found
    exact = [(each.min, each.max, each.zeros, each.nans, each.infinities) for each in (said, found)]
    reach = max(abs(found.min or 0.0), abs(found.max or 0.0))
    return exact[0] == exact[1] and all(
        _is_close(a, b, reach) for a, b in ((said.mean, found.mean), (said.std, found.std))
    )


def _is_close(said: float | None, found: float | None, reach: float) -> bool:
    if said is None or found is None:
        return said is found
    return math.isclose(said, found, rel_tol=0, abs_tol=_CLOSE * reach)
