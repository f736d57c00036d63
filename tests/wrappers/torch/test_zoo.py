"""Twenty-one models are captured, and rebuilt without their classes."""

import json
import subprocess
import sys

import pytest
import safetensors.torch
import torch
from torch.utils import _pytree as trees
from zoo import ZOO

from modelhub.network import layer_graph, network_bytes, parse_network
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture


def tensors(found):
    """The tensors that a model returned, in order, whatever it wraps them in."""
    plain = dict(found) if hasattr(found, "keys") else found
    return [each for each in trees.tree_leaves(plain) if isinstance(each, torch.Tensor)]


def data(args, kwargs):
    """The tensors among arguments: a network has no others."""
    return args, {name: value for name, value in kwargs.items() if isinstance(value, torch.Tensor)}


def evaluated(module, args, kwargs):
    with torch.no_grad():
        return tensors(module.eval()(*args, **kwargs))


def trained(module, args, kwargs):
    """Outputs of one step in training mode, and every gradient."""
    module.train()
    torch.manual_seed(7)
    found = tensors(module(*args, **kwargs))
    sum(each.double().pow(2).mean() for each in found if each.is_floating_point()).backward()
    return found, {name: each.grad for name, each in module.named_parameters()}


def rebuilt_of(name, weights_of):
    entry = ZOO[name]
    torch.manual_seed(0)
    module = entry.make()
    args, kwargs = entry.inputs(2, 8)
    captured = capture(module, args, kwargs)
    assert captured.network.partial is None
    network = parse_network(network_bytes(captured.network))
    return module, build(network, weights_of(module, captured)), captured


@pytest.mark.parametrize("name", ZOO)
def test_the_rebuilt_model_is_the_model(name, weights_of):
    """Evaluation, training with dropout, gradients, statistics, keys, other sizes: bit for bit.

    Only nn.MultiheadAttention evaluates differently: its own evaluation uses one fused operator,
    which has no gradient, and which sums in another order.
    """
    module, rebuilt, captured = rebuilt_of(name, weights_of)
    assert all(
        type(part).__module__.startswith(("torch.", "modelhub.")) or part is rebuilt
        for part in rebuilt.modules()
    )
    for batch, length in ((2, 8), (3, 11), (1, 6)):
        args, kwargs = ZOO[name].inputs(batch, length)
        wanted = evaluated(module, args, kwargs)
        found = evaluated(rebuilt, *data(args, kwargs))
        assert [each.shape for each in found] == [each.shape for each in wanted]
        for mine, theirs in zip(found, wanted, strict=True):
            difference = (mine.double() - theirs.double()).abs().max().item()
            assert difference <= ZOO[name].fast_path_difference
    args, kwargs = ZOO[name].inputs(2, 8)
    wanted, wanted_gradients = trained(module, args, kwargs)
    found, gradients = trained(rebuilt, *data(args, kwargs))
    assert all(map(torch.equal, found, wanted))
    assert gradients.keys() == wanted_gradients.keys()
    for key, gradient in wanted_gradients.items():
        assert gradient is gradients[key] or torch.equal(gradient, gradients[key]), key
    assert list(rebuilt.state_dict()) == list(module.state_dict())
    for key, value in module.state_dict().items():  # running statistics moved alike
        assert torch.equal(value, rebuilt.state_dict()[key]), key
    assert not captured.notes
    assert not captured.network.training  # operators that know their mode are all there is
    graph = layer_graph(captured.network)
    assert len(graph.layers) > 3
    assert all(node.template for node in graph.layers)


def test_lenet_is_the_paper_s():
    """431,080 parameters."""
    assert sum(each.numel() for each in ZOO["lenet"].make().parameters()) == 431_080


SCRIPT = """
import sys
from pathlib import Path
import safetensors.torch, torch
from modelhub.network import parse_network
from modelhub.wrappers.torch.build import build
torch.set_num_threads(1)
folder = Path(sys.argv[1])
for network in sorted(folder.glob("*.json")):
    weights = safetensors.torch.load_file(network.with_suffix(".weights"))
    inputs = safetensors.torch.load_file(network.with_suffix(".inputs"))
    module = build(parse_network(network.read_bytes()), weights)
    with torch.no_grad():
        found = module(**inputs)
    first = next(iter(found.values())) if isinstance(found, dict) else found
    safetensors.torch.save_file({"y": first.contiguous()}, network.with_suffix(".found"))
assert "zoo" not in sys.modules and "transformers" not in sys.modules
"""


def test_another_process_needs_only_json_and_weights(tmp_path, weights_of):
    """The classes cannot be imported there, and the outputs are the same."""
    wanted = {}
    for name in ("lenet", "gpt2"):
        module, _, captured = rebuilt_of(name, weights_of)
        args, kwargs = data(*ZOO[name].inputs(3, 9))
        inputs = kwargs or {captured.network.inputs[0].name: args[0]}
        ties = {state.name for state in captured.network.states if state.tied}
        weights = {k: v for k, v in weights_of(module, captured).items() if k not in ties}
        (tmp_path / f"{name}.json").write_bytes(network_bytes(captured.network))
        safetensors.torch.save_file(weights, tmp_path / f"{name}.weights")
        safetensors.torch.save_file(inputs, tmp_path / f"{name}.inputs")
        wanted[name] = evaluated(module, args, kwargs)[0]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, value in wanted.items():
        found = safetensors.torch.load_file(tmp_path / f"{name}.found")["y"]
        assert torch.equal(found, value), name


def test_equal_models_have_equal_networks():
    """Two captures give the same bytes, whatever the weights and the batch."""
    entry = ZOO["siamese"]
    raw = [
        network_bytes(capture(entry.make(), *entry.inputs(batch, 8)).network) for batch in (4, 4)
    ]
    assert raw[0] == raw[1]
    assert json.loads(raw[0])["dialect"] == "aten"
