"""Recipes: which bytes of a checkpoint file are tensors, format by format."""

from modelhub.recipes.layout import Layout, NamedTensor, Reader, TensorSpan, UniqueNames, shown
from modelhub.recipes.mapped import Buffer, mapped, text
from modelhub.recipes.onnx import external_tensors
from modelhub.recipes.onnx_messages import TensorMessage, element_type, tensor_message
from modelhub.recipes.protobuf import (
    FIXED32,
    FIXED64,
    LENGTH,
    VARINT,
    Field,
    WireError,
    fields,
    integers,
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
    "Buffer",
    "Field",
    "Layout",
    "NamedTensor",
    "OutgoingTensor",
    "Reader",
    "TensorMessage",
    "TensorSpan",
    "UniqueNames",
    "WireError",
    "element_type",
    "external_tensors",
    "fields",
    "integers",
    "mapped",
    "read_layouts",
    "safetensors_header",
    "shown",
    "tensor_message",
    "text",
    "write_npz",
    "write_safetensors",
    "write_torch",
]
