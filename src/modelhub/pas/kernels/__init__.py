"""What runs once per number: arrays in, arrays out."""

from modelhub.pas.kernels.choosing import Kernel, is_fast, kernel
from modelhub.pas.kernels.reference import (
    merge_bfloat16,
    merge_bytes,
    merge_float32,
    packed_planes,
    split_bfloat16,
    split_bytes,
    split_float32,
)
from modelhub.pas.kernels.schemes import BITS, Delta, Scheme
from modelhub.pas.kernels.streams import Stream

__all__ = [
    "BITS",
    "Delta",
    "Kernel",
    "Scheme",
    "Stream",
    "is_fast",
    "kernel",
    "merge_bfloat16",
    "merge_bytes",
    "merge_float32",
    "packed_planes",
    "split_bfloat16",
    "split_bytes",
    "split_float32",
]
