"""Recipes: which bytes of a checkpoint file are tensors, format by format."""

from modelhub.recipes.layout import Layout, NamedTensor, Reader, TensorSpan, is_possible
from modelhub.recipes.protobuf import (
    FIXED32,
    FIXED64,
    LENGTH,
    VARINT,
    Field,
    WireError,
    fields,
)
from modelhub.recipes.readers import READERS, read_layouts
from modelhub.recipes.safetensors import safetensors_header
from modelhub.recipes.writers import (
    OutgoingTensor,
    write_npz,
    write_safetensors,
    write_torch,
)

__all__ = [
    "FIXED32",
    "FIXED64",
    "LENGTH",
    "READERS",
    "VARINT",
    "Field",
    "Layout",
    "NamedTensor",
    "OutgoingTensor",
    "Reader",
    "TensorSpan",
    "WireError",
    "fields",
    "is_possible",
    "read_layouts",
    "safetensors_header",
    "write_npz",
    "write_safetensors",
    "write_torch",
]
