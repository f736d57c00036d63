"""All readers, and the layouts of a set of files: some files describe others."""

from collections.abc import Container, Sequence
from pathlib import Path, PurePosixPath

from modelhub.errors import InputError
from modelhub.plugins import Registry
from modelhub.recipes.layout import WHOLE, Layout, Reader
from modelhub.recipes.onnx import ExternalTensor, external_layout, external_tensors

HEAD = 64

READERS: Registry[Reader] = Registry(
    "modelhub.recipes",
    {
        "safetensors": "modelhub.recipes.safetensors:reader",
        "torch-zip": "modelhub.recipes.torch_zip:reader",
        "torch-legacy": "modelhub.recipes.torch_legacy:reader",
        "onnx": "modelhub.recipes.onnx:reader",
        "npz": "modelhub.recipes.npy:npz_reader",
        "npy": "modelhub.recipes.npy:npy_reader",
        "gguf": "modelhub.recipes.gguf:reader",
        "caffe": "modelhub.recipes.caffe:reader",
        "keras": "modelhub.wrappers.keras.weights:reader",
        "hdf5": "modelhub.wrappers.keras.weights:hdf5_reader",
    },
)
_FIRST = (
    "safetensors",
    "torch-zip",
    "torch-legacy",
    "onnx",
    "npz",
    "npy",
    "gguf",
    "caffe",
    "keras",
    "hdf5",
)


def read_layouts(
    root: Path, paths: Sequence[str], *, whole: Container[str] = ()
) -> dict[str, Layout]:
    """The layout of each file; nothing but headers is read.

    Args:
        root: the folder that paths are relative to.
        paths: the files, with `/` between parts.
        whole: those that are not looked into.

    Raises:
        DamagedFileError: a file is of a format and breaks its rules.
        InputError: a file cannot be read.
    """
    layouts = {path: _layout(root / path, is_whole=path in whole) for path in paths}
    for path, tensors in _described(root, layouts).items():
        if path in whole:
            continue
        layouts[path] = external_layout(layouts[path].size, tensors)
    return layouts


def _layout(path: Path, *, is_whole: bool) -> Layout:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        size = path.stat().st_size
    except FileNotFoundError:
        raise InputError(f"{path} has vanished; add what is there now") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read: permission denied") from None
    if not is_whole:
        for name in (*_FIRST, *(each for each in READERS if each not in _FIRST)):
            reader = READERS.get(name)
            if reader.claims(path, head):
                return reader.read(path)
    return Layout(reader=WHOLE, size=size)


def _described(root: Path, layouts: dict[str, Layout]) -> dict[str, list[ExternalTensor]]:
    """The files that ONNX files keep their tensors in, of those that are there."""
    found: dict[str, list[ExternalTensor]] = {}
    for path, layout in layouts.items():
        if layout.reader != "onnx":
            continue
        for tensor in external_tensors(root / path):
            place = str(PurePosixPath(path).parent / tensor.location)
            if place in layouts and layouts[place].reader == WHOLE:
                found.setdefault(place, []).append(tensor)
    return found
