"""Twenty-one models are captured, rebuilt without their classes, and their costs counted."""

import json
import math
import subprocess
import sys

import pytest
import safetensors.torch
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils import _pytree as trees
from torch.utils.flop_counter import FlopCounterMode
from zoo import ZOO, captured

from modelhub.network import (
    batch_symbols,
    find_blocks,
    footprint_of,
    layer_graph,
    network_bytes,
    parse_network,
)
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


@pytest.fixture(scope="module", params=ZOO)
def name(request):
    """Each model; pytest runs all tests of one before those of the next: it is captured once."""
    return request.param


def grouped(a, b, *_, **__) -> int:
    """Each token meets one expert's matrix; torch has no formula of its own for it."""
    return 2 * math.prod(a) * b[-1]


def counted(module, args, kwargs) -> int:
    """What torch counts when the module runs without operators that it cannot see into.

    Those are attention fused for the CPU, recurrent layers of oneDNN, and what
    nn.MultiheadAttention is fused to where no gradient is wanted.
    """
    formulas = {torch.ops.aten._grouped_mm: grouped}
    counter = FlopCounterMode(display=False, custom_mapping=formulas)
    with sdpa_kernel(SDPBackend.MATH), torch.backends.mkldnn.flags(enabled=False), counter:
        module.eval()(*args, **kwargs)
    return int(counter.get_total_flops())


def rebuilt_of(name, weights_of):
    module, found = captured(name)
    assert found.network.partial is None
    network = parse_network(network_bytes(found.network))
    return module, build(network, weights_of(module, found)), found


def test_the_rebuilt_model_is_the_model(name, weights_of):
    """Evaluation, training with dropout, gradients, statistics, keys, other sizes: bit for bit.

    Only nn.MultiheadAttention evaluates differently: its own evaluation uses one fused operator,
    which has no gradient, and which sums in another order.
    """
    module, rebuilt, taken = rebuilt_of(name, weights_of)
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
    assert not taken.notes
    assert not taken.network.training  # operators that know their mode are all there is
    graph = layer_graph(taken.network)
    assert len(graph.layers) > 3
    assert all(node.template for node in graph.layers)


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
def test_its_costs_are_what_torch_counts(name) -> None:
    """For the captured batch and for another one."""
    entry = ZOO[name]
    module, found = captured(name)
    network = found.network
    assert batch_symbols(network)
    for batch in (2, 3):
        args, kwargs = entry.inputs(batch, 8)
        costs = footprint_of(network, {"batch": [batch]})

        assert costs.flops == counted(module, args, kwargs)
        assert costs.is_complete
    assert costs.parameters == sum(p.numel() for p in module.parameters())
    assert find_blocks(network)


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
        module, _, found = rebuilt_of(name, weights_of)
        args, kwargs = data(*ZOO[name].inputs(3, 9))
        inputs = kwargs or {found.network.inputs[0].name: args[0]}
        ties = {state.name for state in found.network.states if state.tied}
        weights = {k: v for k, v in weights_of(module, found).items() if k not in ties}
        (tmp_path / f"{name}.json").write_bytes(network_bytes(found.network))
        safetensors.torch.save_file(weights, tmp_path / f"{name}.weights")
        safetensors.torch.save_file(inputs, tmp_path / f"{name}.inputs")
        wanted[name] = evaluated(module, args, kwargs)[0]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name, value in wanted.items():
        there = safetensors.torch.load_file(tmp_path / f"{name}.found")["y"]
        assert torch.equal(there, value), name


def test_equal_models_have_equal_networks():
    """Two captures give the same bytes, whatever the weights and the batch."""
    entry = ZOO["siamese"]
    raw = [
        network_bytes(capture(entry.make(), *entry.inputs(batch, 8)).network) for batch in (4, 4)
    ]
    assert raw[0] == raw[1]
    assert json.loads(raw[0])["dialect"] == "aten"
