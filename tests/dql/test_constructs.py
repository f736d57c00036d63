"""What `construct` makes: run, and recorded."""

from collections import OrderedDict
from collections.abc import Iterator

import pytest
import torch
import zoo
from torch import nn

from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.repository import Repository
from modelhub.dql import (
    Change,
    Construction,
    NewLayer,
    commit_construction,
    constructed_module,
    constructed_network,
    query,
)
from modelhub.errors import InputError, QueryError
from modelhub.network import layer_graph, network_id

IMAGE = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))

SEVERAL = (
    'm["conv1"].replace = CONV(out_channels=5, kernel=3) and '
    'm["act"].insert = NORM("n", "BATCH") and m["fc"].replace = FULL(out_features=2)'
)


def chain() -> nn.Module:
    torch.manual_seed(0)
    layers = {
        "conv1": nn.Conv2d(1, 3, 3),
        "act": nn.ReLU(),
        "pool1": nn.MaxPool2d(2),
        "flat": nn.Flatten(),
        "fc": nn.Linear(27, 4),
    }
    return nn.Sequential(OrderedDict(layers)).eval()


@pytest.fixture(name="nets", scope="module")
def nets_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    with Repository.init(tmp_path_factory.mktemp("nets")) as found:
        found.commit("chain", chain(), IMAGE)
        yield found


def made(nets: Repository, actions: str) -> Construction:
    text = f'construct n from m where m.name = "chain" mutate {actions}'
    [found] = query(nets, text).constructions
    return found


def names(nets: Repository, actions: str) -> list[str]:
    return [node.name for node in constructed_network(nets, made(nets, actions)).nodes][1:-1]


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ('m["conv1"].insert = TANH("t")', "conv1 t act pool1 flat fc"),
        ('m[CONV].insert = NORM(kind="BATCH")', "conv1 conv1_norm act pool1 flat fc"),
        ('m["conv1"].next["act"].insert = TANH("t")', "conv1 t act pool1 flat fc"),
        ('m["fc"].prev.insert = DROPOUT("d", p=0.5)', "conv1 act pool1 flat d fc"),
        ('m["act"].delete', "conv1 pool1 flat fc"),
        ('m["act"].replace = GELU', "conv1 act pool1 flat fc"),
        ('m["act"].replace = GELU("g") and m["g*"].delete', ""),
        ('m["act"].delete and m["act"].insert = SILU("s")', "conv1 s pool1 flat fc"),
        (
            'm["act"].insert = TANH("a") and m["act"].insert = TANH("b")',
            "conv1 act a b pool1 flat fc",
        ),
        (SEVERAL, "conv1 act n pool1 flat fc"),
    ],
)
def test_changes_are_made_at_once(nets, actions: str, expected: str) -> None:
    """Each is told by the nodes of the source; layers take what they are given."""
    if not expected:
        with pytest.raises(QueryError, match="leads to no node of chain@1"):
            made(nets, actions)
        return
    assert names(nets, actions) == expected.split()
    found = constructed_module(nets, made(nets, actions))
    assert found(IMAGE).shape[0] == len(IMAGE)
    assert torch.isfinite(found(IMAGE[:1])).all()


def test_untouched_weights_are_kept_and_new_ones_told_by_a_seed(nets) -> None:
    """The same seed gives the same, whatever else was drawn."""
    new = made(nets, 'm["fc"].insert = FULL("fc2", out_features=3)')
    first, again = (constructed_module(nets, new).state_dict() for _ in range(2))
    other = constructed_module(nets, new, seed=1).state_dict()
    before = chain().state_dict()
    assert list(first) == [*before, "fc2.weight", "fc2.bias"]
    assert all(torch.equal(first[name], before[name]) for name in before)
    assert torch.equal(first["fc2.weight"], again["fc2.weight"])
    assert not torch.equal(first["fc2.weight"], other["fc2.weight"])
    assert first["fc2.weight"].shape == (3, 4)


def test_what_is_recorded_descends_and_can_be_changed_back(nets) -> None:
    """Without the new layer, it is the network of its source."""
    new = made(nets, 'm["fc"].insert = FULL("fc2", out_features=4)')
    commit_construction(nets, new, "longer", message="one more")
    longer = nets["longer"]
    wanted = constructed_module(nets, new)(IMAGE)
    assert torch.equal(longer.module()(IMAGE), wanted)
    assert [each.name for each in longer.parents] == ["chain"]
    [back] = query(nets, 'construct n from m where m.name = "longer" mutate m["fc2"].delete')
    assert back["deleted"] == ["fc2"]
    text = 'construct n from m where m.name = "longer" mutate m["fc2"].delete'
    [undone] = query(nets, text).constructions
    same = constructed_network(nets, made(nets, 'm["act"].replace = RELU'))
    assert network_id(constructed_network(nets, undone)) == network_id(same)


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        (
            'm["conv1"].insert = CONV("c", kernel=3)',
            r"'fc' \(torch.nn.Linear\) does not fit: 27 features were .*given flat",
        ),
        ('m["flat"].delete', "'fc' .*27 features were expected"),
        ('m["conv1"].insert = CONV("c")', "'c', a CONV, needs kernel_size"),
        ('m["conv1"].insert = RELU("act")', "'act' is taken"),
        ('m["conv1"].insert = POOL("p")', "there are: AVG, MAX"),
        ('m["conv1"].insert = RELU("r", size=3)', "has no 'size'"),
        ('m["conv1"].insert = ATTENTION("a")', "no ATTENTION can be put in"),
        ('m["act"].delete and m["act"].delete', "cannot be taken out twice"),
        ('m["output"].delete', "no node|no layer"),
    ],
)
def test_what_does_not_fit_is_told(nets, actions: str, problem: str) -> None:
    """Which node, and what was expected, in one line."""
    with pytest.raises(QueryError, match=problem):
        made(nets, actions)


def test_other_networks_cannot_be_changed(models) -> None:
    """Of others, and of partial ones, it is told."""
    course = query(models, 'select m where m.name = "course"').versions[0]
    with pytest.raises(InputError):
        constructed_network(models, Construction(source=course, changes=[Change(node="conv")]))


@pytest.mark.parametrize("name", ["resnet18", "bert"])
def test_edges_of_large_networks_can_be_cut(name: str, tmp_path) -> None:
    """All over the network; dropout leaves it as it is while it evaluates."""
    module, captured = zoo.captured(name)
    args, kwargs = zoo.ZOO[name].inputs(2, 8)
    network = captured.network
    graph = layer_graph(network)
    edges = [(layer.name, graph.next[layer.name][0]) for layer in graph.layers[1:-1:9]]
    changes = [
        Change(node=start, reader=end, layer=NewLayer(name=f"new{i}", template="DROPOUT"))
        for i, (start, end) in enumerate(edges)
    ]
    with Repository.init(tmp_path) as models:
        options = CommitOptions(network=captured)
        commit_state(models, "whole", module.state_dict(), options=options)
        [source] = query(models, "select m").versions
        found = Construction(source=source, changes=changes)
        changed, whole = constructed_module(models, found), models["whole"].module()
        tensors = {key: each for key, each in kwargs.items() if isinstance(each, torch.Tensor)}
        results = [flat(each(*args, **tensors)) for each in (changed, whole)]
    assert len(edges) > 4
    assert all(torch.equal(*pair) for pair in zip(*results, strict=True))


def flat(found):
    if isinstance(found, torch.Tensor):
        return [found]
    several = found.values() if isinstance(found, dict) else found
    return [tensor for each in several for tensor in flat(each)]
