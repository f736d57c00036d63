"""Networks and weights become modules."""

import copy
import pickle

import pytest
import torch
from stored import Stored
from torch import nn

from modelhub.errors import InputError
from modelhub.network import network_bytes, parse_network
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.source import source


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.unused = nn.Embedding(6, 4), nn.Linear(2, 2)
        self.head = nn.Linear(4, 6, bias=False)
        self.head.weight = self.table.weight

    def forward(self, x):
        return self.head(self.table(x))


@pytest.fixture(name="tied", scope="module")
def tied_fixture():
    module = Tied().eval()
    return module, capture(module, (torch.tensor([[1, 2], [3, 4]]),)).network


def test_weights_are_read_into_place(tied):
    """Through the protocol; ties are ties again, and unused parameters are kept."""
    module, network = tied
    built = build(network, {k: Stored(v) for k, v in module.state_dict().items()})
    assert built.head.weight is built.table.weight
    assert list(built.state_dict()) == list(module.state_dict())
    x = torch.tensor([[5, 0]])
    assert torch.equal(built(x), module(x))


@pytest.mark.parametrize("left_out", ["table.weight", "head.weight"])
def test_one_name_of_a_tied_weight_is_enough(tied, left_out):
    """Files often keep only one."""
    module, network = tied
    weights = {k: v for k, v in module.state_dict().items() if k != left_out}
    assert torch.equal(build(network, weights).table.weight, module.table.weight)


def test_tensors_are_used_as_they_are(tied):
    """No second copy of a model in memory."""
    module, network = tied
    weights = module.state_dict()
    assert build(network, weights).unused.weight.data_ptr() == weights["unused.weight"].data_ptr()


def test_weights_that_do_not_fit_are_named(tied):
    """All of them, with both shapes; a long list is cut."""
    module, network = tied
    weights = module.state_dict() | {"unused.weight": torch.zeros(3, 2), "more": torch.zeros(1)}
    del weights["unused.bias"]
    with pytest.raises(InputError) as caught:
        build(network, weights)
    for part in (
        "unused.weight is float32 [3, 2], not float32 [2, 2]",
        "unused.bias is missing, float32 [2]",
        "more is not in the network",
    ):
        assert part in str(caught.value)
    many = {f"m{i}": torch.zeros(1) for i in range(100)}
    with pytest.raises(InputError, match=r"and 95 more$"):
        build(network, module.state_dict() | many)


class Odd(nn.Module):
    """Parts with names that Python, fx or we might want for themselves."""

    def __init__(self):
        super().__init__()
        for name in ("lambda", "class", "network", "graph", "code", "meta", "recompile"):
            self.add_module(name, nn.Linear(3, 3))
        self.register_parameter("import", nn.Parameter(torch.randn(3)))
        self.register_buffer("while", torch.randn(3))
        self.blocks = nn.ModuleDict({"if": nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.4))})
        self.scales = nn.ParameterList([nn.Parameter(torch.randn(3))])

    def forward(self, x):
        for part in self.children():
            if isinstance(part, nn.Linear):
                x = part(x).tanh()
        x = x * getattr(self, "import") + getattr(self, "while") * self.scales[0]
        return self.blocks["if"](x)


def trained(module, x):
    torch.manual_seed(5)
    found = module.train()(x)
    found.pow(2).sum().backward()
    return found, {name: each.grad for name, each in module.named_parameters()}


def test_parts_may_have_any_name(weights_of):
    """Keywords, and what fx's own modules call their parts; source says them, too."""
    module, x = Odd(), torch.randn(4, 3)
    captured = capture(module, (x,))
    rebuilt = build(captured.network, weights_of(module, captured))
    scope = {}
    exec(source(captured.network), scope)
    written = scope["Network"]()
    written.load_state_dict(module.state_dict())

    wanted, gradients = trained(module, x)
    for each in (rebuilt, written, copy.deepcopy(rebuilt)):
        found, mine = trained(each, x)
        assert torch.equal(found, wanted)
        assert list(each.state_dict()) == list(module.state_dict())
        assert all(torch.equal(mine[name], gradients[name]) for name in gradients)
        assert torch.equal(each.eval()(x), module.eval()(x))


def frozen_trunk():
    module = nn.Sequential(
        nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8)), nn.Linear(8, 8), nn.Linear(8, 2)
    )
    module[0].requires_grad_(requires_grad=False)
    module[1].bias.requires_grad_(requires_grad=False)
    return module


def test_what_is_frozen_stays_frozen(weights_of):
    """Gradients come where they came, and nowhere else; source freezes whole parts at once."""
    module, x = frozen_trunk(), torch.randn(3, 4)
    captured = capture(module, (x,))
    network = parse_network(network_bytes(captured.network))
    rebuilt = build(network, weights_of(module, captured))
    text = source(network)
    scope = {}
    exec(text, scope)
    written = scope["Network"]()
    written.load_state_dict(module.state_dict())

    assert text.count("requires_grad_(False)") == 2
    _, wanted = trained(module, x)
    for each in (rebuilt, written, copy.deepcopy(rebuilt), pickle.loads(pickle.dumps(rebuilt))):
        _, found = trained(each, x)
        assert found.keys() == wanted.keys()
        assert [name for name, each in found.items() if each is None] == [
            *("0.0.weight", "0.0.bias", "0.2.weight", "0.2.bias", "1.bias")
        ]
        assert all(found[n] is wanted[n] or torch.equal(found[n], wanted[n]) for n in wanted)


def test_a_frozen_tie_is_one_tensor(weights_of):
    """The first name says it."""
    module = Tied()
    module.table.weight.requires_grad_(requires_grad=False)
    captured = capture(module, (torch.tensor([[1, 2]]),))
    rebuilt = build(captured.network, weights_of(module, captured))

    assert [state.name for state in captured.network.states if state.frozen] == ["table.weight"]
    assert not rebuilt.head.weight.requires_grad
    assert "self.table.requires_grad_(False)" in source(captured.network)
    assert rebuilt.unused.weight.requires_grad


class Placing(nn.Module):
    """Makes tensors, and moves them, where its input or its weights are."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(16, 4)

    def forward(self, x):
        places = torch.arange(x.shape[1], device=x.device)
        mask = torch.ones(x.shape[1], x.shape[1], device=self.table.weight.device).tril()
        return mask.to(x.device) @ (x.to(self.table.weight.device) + self.table(places))


def test_what_is_moved_computes_where_it_is(weights_of):
    """Tensors are made where the input is; the device of the capture binds nothing."""
    module, x = Placing(), torch.randn(2, 5, 4)
    captured = capture(module, (x,))
    rebuilt = build(captured.network, weights_of(module, captured))
    assert torch.equal(rebuilt(x), module(x))
    assert "device=x.device" in source(captured.network)

    moved = rebuilt.to("meta")(x.to("meta"))
    assert moved.is_meta
    assert moved.shape == x.shape


class Making(nn.Module):
    """Has no input."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self):
        return torch.arange(3, device=self.scale.device) * self.scale


def test_without_inputs_the_weights_say_where(weights_of):
    """The first state."""
    captured = capture(Making())
    rebuilt = build(captured.network, weights_of(Making(), captured))

    assert rebuilt().tolist() == [0, 1, 2]
    assert rebuilt.to("meta")().is_meta
