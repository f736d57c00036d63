"""What runs once per number: arrays in, arrays out."""

from modelhub.pas.kernels.reference import (
    merge_bfloat16,
    merge_bytes,
    merge_float32,
    split_bfloat16,
    split_bytes,
    split_float32,
)

__all__ = [
    "merge_bfloat16",
    "merge_bytes",
    "merge_float32",
    "split_bfloat16",
    "split_bytes",
    "split_float32",
]
