"""Zstd with and without a match finder: do these bytes repeat, and what if they do."""

import zstandard

from modelhub.durable import Buffer
from modelhub.pas import frames

SAMPLE = 1 << 14  # bytes on which both compressors are tried


def _compressor(hash_log: int) -> frames.Compressor:
    return frames.Compressor(
        zstandard.ZstdCompressionParameters(
            strategy=zstandard.STRATEGY_FAST,
            window_log=18,
            hash_log=hash_log,
            chain_log=6,
            search_log=1,
            min_match=7,
            target_length=0,
        )
    )


# Numbers of a trained network repeat by accident only. A match finder that looks for such
# repetitions costs time and, as its short matches split the literals, size: on exponents of
# normal numbers level 1 takes 0.381 of the bytes at 0.25 GB/s, and a finder that finds almost
# nothing, which leaves it to the entropy coder, 0.326 at 0.7 GB/s. Tables of positions, masks
# and tied rows do repeat: a sample decides.
LITERALS = _compressor(6)
MATCHES = _compressor(12)


def does_repeat(data: Buffer, coded: int) -> bool:
    """Whether a match finder may save a tenth of the `coded` bytes that data take without one.

    The first bytes stand for all.
    """
    sample = memoryview(data)[:SAMPLE]
    return 10 * len(MATCHES.compress(sample)) * len(data) < 9 * coded * len(sample)
