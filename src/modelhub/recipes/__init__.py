"""Recipes: which bytes of a checkpoint file are tensors, format by format."""

from modelhub.recipes.caffe import caffe_blob_name
from modelhub.recipes.hdf5 import MAGIC as HDF5_MAGIC
from modelhub.recipes.hdf5 import Contents as Hdf5Contents
from modelhub.recipes.hdf5 import Dataset, Hdf5Error
from modelhub.recipes.hdf5 import contents as hdf5_contents
from modelhub.recipes.layout import (
    Layout,
    NamedTensor,
    Reader,
    TensorSpan,
    UniqueNames,
    is_possible,
    shown,
)
from modelhub.recipes.mapped import Buffer, text
from modelhub.recipes.mapped import mapped as mapped_bytes
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
from modelhub.recipes.safetensors import UNREAD_ELSEWHERE, safetensors_header
from modelhub.recipes.writers import (
    OutgoingTensor,
    write_npz,
    write_safetensors,
    write_torch,
)
from modelhub.recipes.zips import members as zip_members

__all__ = [
    "FIXED32",
    "FIXED64",
    "HDF5_MAGIC",
    "LENGTH",
    "READERS",
    "UNREAD_ELSEWHERE",
    "VARINT",
    "Buffer",
    "Dataset",
    "Field",
    "Hdf5Contents",
    "Hdf5Error",
    "Layout",
    "NamedTensor",
    "OutgoingTensor",
    "Reader",
    "TensorMessage",
    "TensorSpan",
    "UniqueNames",
    "WireError",
    "caffe_blob_name",
    "element_type",
    "external_tensors",
    "fields",
    "hdf5_contents",
    "integers",
    "is_possible",
    "mapped_bytes",
    "read_layouts",
    "safetensors_header",
    "shown",
    "tensor_message",
    "text",
    "write_npz",
    "write_safetensors",
    "write_torch",
    "zip_members",
]
