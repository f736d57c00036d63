"""Level schemes: which bits of an element make which streams (tensor-encoding.md §2)."""

from enum import IntEnum


class Scheme(IntEnum):
    """A number that archives hold."""

    FLOAT32 = 1
    BFLOAT16 = 2
    FLOAT16 = 3
    FLOAT64 = 4
    BYTES = 5
    PLANES = 6


class Delta(IntEnum):
    """How a group differs from its base: what is added to the number of its scheme."""

    NONE = 0
    HIER_SUB = 64
    XOR = 128
    SUB = 192


BITS = {
    Scheme.FLOAT32: (8, 1, 7, 8, 8),
    Scheme.BFLOAT16: (8, 1, 7),
    Scheme.FLOAT64: (3, 8, 1, 4, 8, 8, 8, 8, 8, 8),
}
"""Bits of a symbol of each stream, most significant first; all others have eight a byte."""

SIGN = {Scheme.FLOAT32: 1, Scheme.BFLOAT16: 1, Scheme.FLOAT64: 2}
"""The stream that is a sign; a float16's is the highest bit of its first stream."""
