"""Which contexts share a table, decided with whole numbers (tensor-encoding.md §8)."""

import numpy as np
import numpy.typing as npt

from modelhub.pas.kernels import rans
from modelhub.pas.kernels.rans import Counts

MOST = 8  # tables
_NEW, _NEW_SYMBOL = 16, 10  # bits that a new table must save, and for each of its symbols
_IMPOSSIBLE = 40 << 16  # of a symbol that a table lacks


def _spread(counts: Counts) -> Counts:
    """Of counts c, c log2 c in 1/65536; of 0 it is 0."""
    shift = np.zeros_like(counts)
    for bit in range(rans.PRECISION, 32):
        shift += counts >> bit > 0
    found: Counts = counts * (rans.LOGARITHMS[counts >> shift] + (shift << 16))
    return found


def _information(counts: Counts) -> Counts:
    found: Counts = _spread(counts.sum(axis=-1)) - _spread(counts).sum(axis=-1)
    return found


def cluster(counts: Counts, bits: int) -> tuple[npt.NDArray[np.uint8], Counts, Counts]:
    """Tables of at most 8 groups of contexts.

    Args:
        counts: (contexts, 256), how often each symbol occurs in each.
        bits: of a symbol.

    Returns:
        The table of each context, 0 for those that do not occur; the counts of each table; and
        its frequencies.
    """
    totals = counts.sum(axis=1)
    order = [int(c) for c in np.argsort(-totals, kind="stable") if totals[c]]
    sums = np.zeros((0, rans.SYMBOLS), np.int64)
    for context in order:
        mine = counts[context]
        more = _information(sums + mine) - _information(sums) - _information(mine)
        best = int(more.argmin()) if len(sums) else 0
        limit = _NEW + _NEW_SYMBOL * int((mine > 0).sum()) << 16
        if not len(sums) or (len(sums) < MOST and int(more[best]) > limit):
            sums = np.vstack([sums, mine])
        else:
            sums[best] += mine
    return _assigned(counts, totals, sums, bits)


def _assigned(
    counts: Counts, totals: Counts, sums: Counts, bits: int
) -> tuple[npt.NDArray[np.uint8], Counts, Counts]:
    """Each context by the table that is cheapest for it; then the tables of what they got."""
    tables = np.stack([rans.normalize(each, bits) for each in sums])
    costs = (rans.PRECISION << 16) - rans.LOGARITHMS[tables]
    costs[tables == 0] = _IMPOSSIBLE
    chosen = (counts @ costs.T).argmin(axis=1)
    chosen[totals == 0] = 0
    used = np.unique(chosen[totals > 0])
    places = np.zeros(len(sums), np.int64)
    places[used] = np.arange(used.size)
    chosen = places[chosen]
    chosen[totals == 0] = 0
    sums = np.stack([counts[chosen == k].sum(axis=0) for k in range(used.size)])
    tables = np.stack([rans.normalize(each, bits) for each in sums])
    return chosen.astype(np.uint8), sums, tables
