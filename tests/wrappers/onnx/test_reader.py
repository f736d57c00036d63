"""Networks of ONNX files."""

import subprocess
import sys
import warnings
from random import Random

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from modelhub.errors import DamagedFileError
from modelhub.network import layer_graph, network_bytes, parse_network
from modelhub.recipes import READERS
from modelhub.wrappers.networks import NETWORK_READERS
from modelhub.wrappers.onnx.reader import reader


def test_files_are_recognised_by_name(tmp_path):
    """The format has no magic; what is not there is not claimed."""
    (tmp_path / "m.ONNX").write_bytes(b"x")

    assert reader.claims(tmp_path / "m.ONNX")
    assert not reader.claims(tmp_path / "absent.onnx")
    assert not reader.claims(tmp_path)
    assert NETWORK_READERS.get("onnx") is reader


def test_states_are_called_as_the_snapshot_calls_them(tmp_path, lenet):
    """Names, dtypes and shapes of the file's tensors, so that weights fit."""
    path = tmp_path / "m.onnx"
    path.write_bytes(lenet.SerializeToString())
    tensors = {t.name: (t.dtype, t.shape) for t in READERS.get("onnx").read(path).tensors}
    states = {s.name: (s.dtype, s.shape) for s in reader.read(path).network.states}

    assert states == tensors


def test_weights_in_another_file_are_not_opened(tmp_path, lenet):
    """The network is the same without them; a file outside the folder is refused."""
    path = tmp_path / "m.onnx"
    path.write_bytes(lenet.SerializeToString())
    inline = reader.read(path).network
    onnx.save_model(lenet, path, save_as_external_data=True, location="w.bin", size_threshold=0)
    (tmp_path / "w.bin").unlink()

    assert network_bytes(reader.read(path).network) == network_bytes(inline)

    made = onnx.load(path, load_external_data=False)
    made.graph.initializer[0].external_data[0].value = "../w.bin"
    path.write_bytes(made.SerializeToString())
    with pytest.raises(DamagedFileError, match="outside its folder"):
        reader.read(path)


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2)
        )
        self.head = torch.nn.Linear(4 * 13 * 13, 10)

    def forward(self, image):
        return torch.relu(self.head(self.features(image).flatten(1)))


def test_what_torch_exports_has_the_module_paths(tmp_path):
    """Layers are called as the modules are, states as in the state dict."""
    path = tmp_path / "m.onnx"
    module = Net().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (torch.zeros(2, 1, 28, 28),), path, dynamo=False)
    network = reader.read(path).network

    layers = [each.name for each in layer_graph(network).layers if each.op == "layer"]
    assert layers == ["features.0", "features.1", "features.2", "flatten", "head", "relu"]
    assert {s.name for s in network.states if s.kind == "parameter"} == set(module.state_dict())


def test_memory_is_bounded_by_the_graph(tmp_path):
    """A file of a gigabyte (sparse on disk) is read in some megabytes, and without onnx."""
    size = 1 << 30
    tensor = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[size // 16, 16])
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], "fc")], "g", [], [])
    value = helper.make_tensor_value_info("x", TensorProto.UINT8, ["n", size // 16])
    graph.input.append(value)
    graph.output.append(helper.make_tensor_value_info("y", TensorProto.UINT8, None))
    head = tensor.SerializeToString() + b"\x4a" + varint(size)
    before = graph.SerializeToString() + b"\x2a" + varint(len(head) + size) + head
    path = tmp_path / "large.onnx"
    with path.open("wb") as file:
        file.write(b"\x08\x0a\x42\x02\x10\x14\x3a" + varint(len(before) + size) + before)
        file.truncate(file.tell() + size)
    code = (
        "import sys, resource; from pathlib import Path;"
        "from modelhub.wrappers.networks import NETWORK_READERS;"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        f"network = NETWORK_READERS.get('onnx').read(Path({str(path)!r})).network;"
        "assert network.by_name['fc'].template == 'FULL', network.nodes;"
        "assert 'onnx' not in sys.modules and 'onnxruntime' not in sys.modules;"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 50_000  # KiB


def varint(number: int) -> bytes:
    found = b""
    while number > 0x7F:
        found, number = found + bytes([number & 0x7F | 0x80]), number >> 7
    return found + bytes([number])


def test_damaged_files_are_refused_or_harmless(tmp_path, lenet):
    """Truncations and mutations: DamagedFileError in one line, or a network that can be stored."""
    path = tmp_path / "m.onnx"
    for initializer in lenet.graph.initializer:  # so that most changes meet the graph
        initializer.CopyFrom(
            onnx.numpy_helper.from_array(np.zeros((1, 1), np.float32), initializer.name)
        )
    raw = lenet.SerializeToString()
    random = Random(7)
    for case in range(1500):
        data = bytearray(raw)
        if case % 3 == 0:
            del data[random.randrange(len(data)) :]
        else:
            for _ in range(random.choice((1, 2, 4))):
                data[random.randrange(len(data))] = random.randrange(256)
        path.write_bytes(data or b"\0")
        try:
            network = reader.read(path).network
        except DamagedFileError as error:
            assert "\n" not in str(error)  # noqa: PT017 - it may not be raised at all
        else:
            parse_network(network_bytes(network))
