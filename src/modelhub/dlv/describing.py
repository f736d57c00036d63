"""Which files may describe a network: told by a glance, before any framework is loaded."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

MAX_CONFIG = 1 << 20
HEAD = 4096


def _has_suffix(*suffixes: str) -> Callable[[Path], bool]:
    def looks(path: Path) -> bool:
        return path.suffix.lower() in suffixes

    return looks


def _is_hugging_face(path: Path) -> bool:
    """Whether it is a config.json that names the class of a model."""
    if path.name != "config.json" or path.stat().st_size > MAX_CONFIG:
        return False
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and ("model_type" in found or "architectures" in found)


def _is_keras(path: Path) -> bool:
    """Whether it is a `.keras` file, or a JSON file that begins as Keras' do."""
    suffix = path.suffix.lower()
    if suffix != ".json":
        return suffix == ".keras"
    with path.open("rb") as file:
        return b'"class_name"' in file.read(HEAD)


# Names of network readers, the most informative first; strangers' are always asked.
DESCRIBING: Mapping[str, Callable[[Path], bool]] = {
    "transformers": _is_hugging_face,
    "onnx": _has_suffix(".onnx"),
    "keras": _is_keras,
    "caffe": _has_suffix(".prototxt", ".caffemodel"),
}
