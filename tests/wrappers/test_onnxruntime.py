"""ONNX files, run."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from modelhub.errors import DamagedFileError, InputError
from modelhub.wrappers.networks import RUNNERS
from modelhub.wrappers.onnx.reader import reader
from modelhub.wrappers.onnxruntime import one_line, runner

RNG = np.random.default_rng(3)
WEIGHT, BIAS = (RNG.normal(size=shape).astype(np.float32) for shape in ((4, 3), (4,)))


def made(operator: str = "Gemm", **more) -> onnx.ModelProto:
    graph = helper.make_graph(
        [
            helper.make_node(operator, ["x", "w", "b"], ["h"], transB=1),
            helper.make_node("Add", ["h", "z"], ["y"]),
        ],
        "g",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3]),
            helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", 4]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(WEIGHT, "w"), numpy_helper.from_array(BIAS, "b")],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, **more
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "m.onnx"
    found.write_bytes(made().SerializeToString())
    return found


@pytest.fixture
def model(path: Path):
    return runner.load(reader.read(path).network, {}, {"m.onnx": path})


def batch(rows: int = 2, **others) -> dict[str, np.ndarray]:
    given = {"x": np.ones((rows, 3), np.float32), "z": np.ones((rows, 4), np.float32)} | others
    return {name: array for name, array in given.items() if array is not None}


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_it_computes_what_torch_computes(model, rows):
    """For any size that is not fixed."""
    given = batch(rows, x=RNG.normal(size=(rows, 3)).astype(np.float32))
    [found] = model(given)
    expected = torch.nn.functional.linear(*map(torch.tensor, (given["x"], WEIGHT, BIAS))) + 1

    assert model.inputs == ["x", "z"]
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (batch(z=None), "the input 'z' is missing"),
        (batch(q=np.ones(1)), "there is no input 'q'; there are: x, z"),
        (batch(x=np.ones((2, 3))), "'x' is float64, where the network takes tensor.float"),
        (batch(x=np.ones((2, 5), np.float32)), r"'x' has the shape \[2, 5\]"),
        (batch(x=np.ones(3, np.float32)), r"'x' has the shape \[3\]"),
        (batch(z=np.ones((5, 4), np.float32)), "the size 'n' is 2 in the input 'x' and 5 in 'z'"),
    ],
)
def test_batches_that_do_not_fit(model, given, said):
    """Which input, what it is, and what is taken: one line."""
    with pytest.raises(InputError, match=said) as caught:
        model(given)
    assert "\n" not in str(caught.value)


def test_files_that_do_not_run(tmp_path, path, capfd):
    """No file, an operator that nobody has, other inputs: each is told, and nothing else is."""
    network = reader.read(path).network
    with pytest.raises(InputError, match=r"holds no \.onnx file"):
        runner.load(network, {}, {"w.bin": path})
    strange = tmp_path / "strange.onnx"
    strange.write_bytes(made("Frobnicate").SerializeToString())
    with pytest.raises(
        InputError, match=r"strange\.onnx: onnxruntime cannot load it: .*Frobnicate"
    ):
        runner.load(network, {}, {"strange.onnx": strange})
    other = made()
    other.graph.node[0].input[0] = other.graph.input[0].name = "other"
    strange.write_bytes(other.SerializeToString())
    with pytest.raises(InputError, match="has the inputs other, z"):
        runner.load(network, {}, {"strange.onnx": strange})
    assert runner.load(network, {}, {"strange.onnx": strange, "m.onnx": path}).inputs == ["x", "z"]
    assert capfd.readouterr() == ("", "")


def test_what_fails_while_running_is_told_quietly(tmp_path, capfd):
    """An index outside a table."""
    graph = helper.make_graph(
        [helper.make_node("Gather", ["w", "i"], ["y"])],
        "g",
        [helper.make_tensor_value_info("i", TensorProto.INT64, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(WEIGHT, "w")],
    )
    path = tmp_path / "m.onnx"
    opset = [helper.make_opsetid("", 17)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    )
    loaded = runner.load(reader.read(path).network, {}, {"m.onnx": path})
    with pytest.raises(InputError, match="cannot compute this batch"):
        loaded({"i": np.array([99])})
    assert capfd.readouterr() == ("", "")


def test_weights_outside_the_folder_are_not_opened(path):
    """The location is judged before onnxruntime sees the file."""
    network = reader.read(path).network
    model = made()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(DamagedFileError, match="outside its folder"):
        runner.load(network, {}, {"m.onnx": path})


def test_the_runner_is_registered():
    """It needs the files of the version."""
    assert RUNNERS.get("onnx") is runner
    assert runner.needs_files


def test_messages_are_one_line():
    """Without onnxruntime's codes."""
    text = "[ONNXRuntimeError] : 1 : FAIL : Load\n  model failed"
    assert one_line(RuntimeError(text)) == "1 : FAIL : Load model failed"


def test_messages_do_not_show_where_files_lie(tmp_path, path):
    """That a version's file was put in a temporary folder is no one's business."""
    network = reader.read(path).network
    model = made()
    model.graph.initializer[0].ClearField("raw_data")
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="short")
    (tmp_path / "short").write_bytes(b"0")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"m\.onnx: onnxruntime cannot load it") as caught:
        runner.load(network, {}, {"m.onnx": path})
    assert str(tmp_path) not in str(caught.value)
    assert (
        one_line(RuntimeError("[ONNXRuntimeError] : 1 : in /a/b/m.onnx"), hidden="/a/b/")
        == "1 : in m.onnx"
    )
