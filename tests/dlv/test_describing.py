"""A glance tells which files may describe a network."""

import json

import pytest

from modelhub.dlv.describing import DESCRIBING


@pytest.mark.parametrize(
    ("name", "text", "reader"),
    [
        ("config.json", json.dumps({"model_type": "bert"}), "transformers"),
        ("config.json", json.dumps({"architectures": ["LeNet"]}), "transformers"),
        ("config.json", json.dumps({"lr": 0.1}), None),
        ("config.json", "[" * 100_000, None),
        ("config.json", "[]", None),
        ("tokenizer.json", json.dumps({"model_type": "bert"}), None),
        ("net.ONNX", "x", "onnx"),
        ("net.keras", "x", "keras"),
        ("net.prototxt", "x", "caffe"),
        ("net.caffemodel", "x", "caffe"),
        ("model.safetensors", "x", None),
    ],
)
def test_a_glance(tmp_path, name, text, reader) -> None:
    """By the name; of a config.json, by what it says."""
    path = tmp_path / name
    path.write_text(text)
    assert [kind for kind, looks in DESCRIBING.items() if looks(path)] == [reader] * bool(reader)
