"""Our readers and runners of networks keep their contracts, which find those that do not."""
# ruff: noqa: ARG002 - the signatures of the protocols

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from modelhub.errors import InputError
from modelhub.identity import tensor_hasher
from modelhub.network import Arguments, Network, Node, State, Value
from modelhub.testing import NetworkReaderContract, Runnable, RunnerContract
from modelhub.wrappers import MODULES, NETWORK_READERS, RUNNERS, Captured

WEIGHT = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
PROTOTXT = """
name: "Tiny" input: "data" input_dim: 1 input_dim: 1 input_dim: 8 input_dim: 8
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 4 kernel_size: 3 } }
layer { name: "relu1" type: "ReLU" bottom: "conv1" top: "conv1" }
layer { name: "ip1" type: "InnerProduct" bottom: "conv1" top: "ip1"
  inner_product_param { num_output: 10 } }
"""
BERT = {
    "model_type": "bert",
    "architectures": ["BertForSequenceClassification"],
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_attention_heads": 2,
    "num_hidden_layers": 1,
    "vocab_size": 20,
    "max_position_embeddings": 16,
}


def onnx_file(folder: Path) -> Path:
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "w"], ["h"], "fc", transB=1),
            helper.make_node("Reshape", ["h", "shape"], ["y"], "flat"),
        ],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [
            numpy_helper.from_array(WEIGHT, "w"),
            numpy_helper.from_array(np.array([-1, 4], np.int64), "shape"),
        ],
    )
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), folder / "m.onnx")
    return folder / "m.onnx"


class TestOnnxReader(NetworkReaderContract):
    """Ours for ONNX."""

    @pytest.fixture
    def reader(self):
        return NETWORK_READERS.get("onnx")

    def make_files(self, folder):
        return [onnx_file(folder)]


class TestCaffeReader(NetworkReaderContract):
    """Ours for Caffe."""

    @pytest.fixture
    def reader(self):
        return NETWORK_READERS.get("caffe")

    def make_files(self, folder):
        (folder / "deploy.prototxt").write_text(PROTOTXT)
        return [folder / "deploy.prototxt"]


class TestTransformersReader(NetworkReaderContract):
    """Ours for Hugging Face; following a model takes a second, so a few damaged files do."""

    rounds = 6

    @pytest.fixture
    def reader(self):
        return NETWORK_READERS.get("transformers")

    def make_files(self, folder):
        (folder / "config.json").write_text(json.dumps(BERT))
        return [folder / "config.json"]


class TestTorchRunner(RunnerContract):
    """Ours for PyTorch's operators."""

    @pytest.fixture
    def runner(self):
        return RUNNERS.get("torch")

    def make_runnable(self, folder):
        module = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
        network = MODULES.get("torch").capture(module, (torch.zeros(2, 3),)).network
        weights = {name: each.detach().numpy() for name, each in module.state_dict().items()}
        return Runnable(
            network=network, weights=weights, batch={"input": np.ones((5, 3), np.float32)}
        )


class TestOnnxRunner(RunnerContract):
    """Ours for ONNX."""

    @pytest.fixture
    def runner(self):
        return RUNNERS.get("onnx")

    def make_runnable(self, folder):
        path = onnx_file(folder)
        network = NETWORK_READERS.get("onnx").read(path).network
        batch = {"x": np.ones((5, 3), np.float32)}
        return Runnable(network=network, files={"m.onnx": path}, batch=batch)


def tiny(factor: int) -> Network:
    """x times a number."""
    dtype, shape, data = "int64", (), np.int64(factor).tobytes()
    hasher = tensor_hasher(dtype, shape)
    hasher.update(data)
    state = State(
        name="factor", kind="constant", dtype=dtype, shape=shape, tensor=hasher.hexdigest()
    )
    return Network(
        dialect="times",
        nodes=[
            Node(name="x", op="input", outputs=[Value(dtype="int64", shape=("n",))]),
            Node(
                name="y",
                op="function",
                target="times",
                inputs=Arguments(args=[{"$": "x"}]),
                states=["factor"],
            ),
            Node(name="out", op="output", inputs=Arguments(args=[{"$": "y"}])),
        ],
        states=[state],
    )


class Times:
    """Reads `times N`."""

    name = "times"

    def claims(self, path):
        try:
            return path.suffix == ".times" and path.is_file()
        except ValueError:
            return False

    def read(self, path):
        words = path.read_bytes().split()
        if len(words) != 2 or words[0] != b"times" or not words[1].isdigit() or len(words[1]) > 9:
            raise InputError(f"{path} says not by what")
        network, factor = tiny(int(words[1])), int(words[1])
        value = ("int64", (), np.int64(factor).tobytes())
        return Captured(network=network, tensors={network.states[0].tensor: value})


class Greedy(Times):
    def claims(self, path):
        return bool(path.name)


class Blind(Times):
    def claims(self, path):
        return False


class Waiting(Times):
    def claims(self, path):
        return path.suffix == ".times" and "\0" not in path.name and bool(path.read_bytes())


class Nameless(Times):
    name = ""


class Unsound(Times):
    def read(self, path):
        found = super().read(path)
        return Captured(network=Network(dialect="times", nodes=list(found.network.nodes) * 2))


class Forgetful(Times):
    count = 0

    def read(self, path):
        Forgetful.count += 1
        return Captured(network=tiny(Forgetful.count))


class Empty(Times):
    def read(self, path):
        return Captured(network=super().read(path).network)


class Wordy(Times):
    def read(self, path):
        found = super().read(path)
        return Captured(network=found.network, tensors=found.tensors, notes=["one\ntwo"])


class Fragile(Times):
    def read(self, path):
        return Captured(network=tiny(int(path.read_text().split()[1])))


class TestTimes(NetworkReaderContract):
    """A reader that keeps the contract passes."""

    @pytest.fixture
    def reader(self):
        return Times()

    def make_files(self, folder):
        (folder / "a.times").write_text("times 3")
        return [folder / "a.times"]


READERS = {
    "test_it_has_a_name": Nameless,
    "test_its_files_are_claimed": Blind,
    "test_other_files_are_not_claimed": Greedy,
    "test_names_and_kinds_of_files_do_no_harm": Waiting,
    "test_networks_can_be_stored": Unsound,
    "test_reading_is_repeatable": Forgetful,
    "test_the_values_that_it_keeps_are_there": Empty,
    "test_what_it_tells_is_one_line": Wordy,
    "test_damaged_files_are_refused_or_harmless": Fragile,
}


def call(contract, test, **values):
    function = getattr(contract, test)
    names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
    return function(**{name: values[name] for name in names})


@pytest.mark.parametrize("test", READERS)
def test_readers_that_break_the_contract_fail(tmp_path, monkeypatch, test):
    """Each of its tests can fail."""
    monkeypatch.setattr("modelhub.testing.damage.PATIENCE", 0.2)
    contract = TestTimes()
    files = contract.make_files(tmp_path)
    with pytest.raises((AssertionError, ValueError, LookupError)):
        call(contract, test, reader=READERS[test](), files=files, tmp_path=tmp_path)


class Model:
    """Computes `times`; weights are a factor."""

    inputs = ("x",)

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, batch):
        (x,) = batch.values() if list(batch) == ["x"] else (None,)
        if x is None or x.dtype != np.int64 or x.ndim != 1:
            raise InputError("the input x takes int64 [n]")
        return [x * self.factor]

    def reload(self, weights):
        self.factor = factor_of(weights)


def factor_of(weights):
    found = np.zeros(1, np.int64)
    if list(weights) != ["factor"] or tuple(weights["factor"].shape) != (1,):
        raise InputError("the weight factor is missing, or is not int64 [1]")
    weights["factor"].read_into(found.view(np.uint8).data)
    return found


class Runner:
    """Runs `times`."""

    needs_files = False
    model = Model

    def load(self, network, weights, files):
        return self.model(factor_of(weights))


def runner_of(**parts):
    """A runner whose model has other parts."""
    return type("Broken", (Runner,), {"model": type("BrokenModel", (Model,), parts)})()


class TestRunner(RunnerContract):
    """A runner that keeps the contract passes."""

    @pytest.fixture
    def runner(self):
        return Runner()

    def make_runnable(self, folder):
        return Runnable(
            network=tiny(2),
            weights={"factor": np.array([5], np.int64)},
            batch={"x": np.arange(4)},
        )


def into_place(self, batch):
    found = Model.__call__(self, batch)
    batch["x"][:] = found[0]
    return found


def credulous(self, batch):
    return [next(iter(batch.values()), np.zeros(1, np.int64)) * self.factor]


def keep(self, weights):
    """Change nothing."""


class Unfussy(Runner):
    def load(self, network, weights, files):
        return Model(np.ones(1, np.int64))


class Careless(Runner):
    needs_files = True

    def load(self, network, weights, files):
        return Model(np.ones(1, np.int64))


BROKEN_RUNNERS = {
    "test_it_says_what_it_needs": Careless(),
    "test_its_inputs_are_the_network_s": runner_of(inputs=("x", "z")),
    "test_it_gives_arrays": runner_of(__call__=into_place),
    "test_inputs_that_do_not_fit_are_refused": runner_of(__call__=credulous),
    "test_weights_that_do_not_fit_are_named": Unfussy(),
    "test_other_weights_take_the_place_of_the_first": runner_of(reload=keep),
    "test_a_version_without_its_files_is_refused": Careless(),
}


@pytest.mark.parametrize("test", BROKEN_RUNNERS)
def test_runners_that_break_the_contract_fail(tmp_path, test):
    """Each of its tests can fail."""
    contract = TestRunner()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        call(
            contract,
            test,
            runner=BROKEN_RUNNERS[test],
            runnable=contract.make_runnable(tmp_path),
        )
