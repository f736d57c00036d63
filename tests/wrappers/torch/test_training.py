"""What a module does only while it trains."""

# ruff: noqa: N812

import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from modelhub.network import network_bytes, parse_network
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.source import source
from modelhub.wrappers.torch.training import asks_for_its_mode


class DropPath(nn.Module):
    """Stochastic depth: a sample's branch is left out by chance."""

    def forward(self, x):
        if not self.training:
            return x
        kept = x.new_empty((x.shape[0], 1)).bernoulli_(0.5)
        return x * kept / 0.5


class Trainee(nn.Module):
    """Noise on the input, an auxiliary head, a dropout that always drops, and batch statistics."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))
        self.path = DropPath()
        self.head, self.auxiliary = nn.Linear(8, 2), nn.Linear(8, 2)

    def forward(self, x):
        if self.training:
            x = x + 0.1 * torch.randn_like(x)
        hidden = self.path(self.body(x))
        hidden = F.dropout(hidden, 0.2)
        if self.training:
            return self.head(hidden), self.auxiliary(hidden.detach())
        return self.head(hidden)


def step(module, x):
    """Outputs, gradients and statistics of one step."""
    torch.manual_seed(3)
    found = module(x)
    found = found if isinstance(found, tuple) else (found,)
    sum(each.pow(2).sum() for each in found).backward()
    return (
        [each.detach() for each in found],
        {name: each.grad for name, each in module.named_parameters()},
        {name: each.clone() for name, each in module.named_buffers()},
    )


def rebuilt_of(module, x, weights_of):
    captured = capture(module, (x,))
    network = parse_network(network_bytes(captured.network))
    assert network_bytes(network) == network_bytes(captured.network)
    return captured, build(network, weights_of(module, captured))


def same(one, other):
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(each, other[k]) for k, each in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one is other or torch.equal(one, other)


def test_what_runs_only_in_training_is_rebuilt(weights_of):
    """Outputs, every gradient and the statistics of both modes are the module's own."""
    module, x = Trainee(), torch.randn(6, 4)
    captured, rebuilt = rebuilt_of(module, x, weights_of)

    assert not captured.notes
    assert captured.network.training_gap is None
    assert "auxiliary" in {node.name for node in captured.network.training}
    assert list(rebuilt.state_dict()) == list(module.state_dict())
    for mode in (True, False, True):
        wanted, found = (step(each.train(mode), x) for each in (module, rebuilt))
        assert same(found, wanted)
        for each in (module, rebuilt):
            each.zero_grad()


def test_another_batch_trains(weights_of):
    """Sizes move in training as they do in evaluation."""
    module = Trainee()
    _, rebuilt = rebuilt_of(module, torch.randn(6, 4), weights_of)
    x = torch.randn(9, 4)

    assert same(step(rebuilt.train(), x), step(module.train(), x))


def test_its_source_has_both_ways(weights_of):
    """`forward` asks for the mode, as the module did."""
    module, x = Trainee(), torch.randn(6, 4)
    captured, _ = rebuilt_of(module, x, weights_of)
    scope = {}
    exec(source(captured.network), scope)
    found = scope["Network"]()
    found.load_state_dict(module.state_dict())

    for mode in (True, False):
        assert same(step(found.train(mode), x), step(module.train(mode), x))
        for each in (module, found):
            each.zero_grad()


def test_copies_train_alike(weights_of):
    """Copied or pickled."""
    import copy
    import pickle

    module, x = Trainee(), torch.randn(6, 4)
    _, rebuilt = rebuilt_of(module, x, weights_of)
    wanted = step(copy.deepcopy(module).train(), x)

    for copied in (copy.deepcopy(rebuilt), pickle.loads(pickle.dumps(rebuilt))):
        assert same(step(copied.train(), x), wanted)


class Chooser(nn.Module):
    """Layers are left out by chance, which no graph can say."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)

    def forward(self, x):
        if self.training and torch.rand(()) < 0.5:
            return x
        return self.layer(x)


def test_a_way_that_cannot_be_followed_is_told(weights_of):
    """A note at capture, a line in the network, and a warning to whoever trains it."""
    module, x = Chooser(), torch.randn(2, 4)
    captured, rebuilt = rebuilt_of(module, x, weights_of)

    assert "decides by the values" in captured.network.training_gap
    assert captured.notes == [
        f"what it does only while training is not known: {captured.network.training_gap}"
    ]
    assert torch.equal(rebuilt(x), module.eval()(x))
    with pytest.warns(UserWarning, match="trains as it evaluates.*decides by the values"):
        rebuilt.train()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rebuilt.eval()


class Attention(nn.Module):
    """Its probability stands under a name that nobody could guess."""

    def __init__(self):
        super().__init__()
        self.weight, self.odd_name = nn.Parameter(torch.ones(1)), 0.4

    def forward(self, x):
        y = x * self.weight
        p = self.odd_name if self.training else 0.0
        return F.scaled_dot_product_attention(x, y, x, dropout_p=p)


def test_probabilities_are_those_of_training(weights_of):
    """They are seen, not guessed; and nothing more is stored."""
    module, x = nn.Sequential(Attention()), torch.randn(2, 3, 4)
    captured, rebuilt = rebuilt_of(module, x, weights_of)

    assert not captured.network.training
    assert same(step(rebuilt.train(), x), step(module.train(), x))


class Plain(nn.Module):
    def forward(self, x):
        return F.dropout(x, 0.5, self.training)


@pytest.mark.parametrize(
    ("module", "asks"),
    [(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)), False), (Plain(), True)],
)
def test_only_code_that_asks_is_followed_twice(module, asks):
    """PyTorch's own parts are known."""
    assert asks_for_its_mode(module) is asks


def test_what_is_the_same_is_stored_once():
    """A dropout that obeys its mode is one operator."""
    assert not capture(nn.Sequential(Plain()), (torch.randn(3, 2),)).network.training
