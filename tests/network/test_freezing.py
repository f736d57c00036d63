"""What was frozen is said by whole modules."""

from dataclasses import replace

from by_hand import lenet, transformer
from hypothesis import given
from hypothesis import strategies as st

from modelhub.network import Network
from modelhub.network.freezing import find_freezing


def frozen(network: Network, *paths: str) -> Network:
    """The parameters whose names begin with a path, frozen."""
    states = [
        replace(each, frozen=each.name.startswith(paths)) if paths else each
        for each in network.states
    ]
    return replace(network, states=states)


def said(before: Network, after: Network) -> list[str]:
    pairs = [(node.name, node.name) for node in after.nodes]
    return [
        " ".join(["frozen" if f.is_frozen else "free", f.after, str(f.layers), *f.parameters])
        for f in find_freezing(before, after, pairs)
    ]


def test_one_layer() -> None:
    """It is called by its name; set free again, too."""
    net = lenet()
    assert said(net, frozen(net, "conv1")) == ["frozen conv1 1"]
    assert said(frozen(net, "conv1"), net) == ["free conv1 1"]
    assert said(net, net) == []


def test_a_part_of_a_layer_is_named() -> None:
    """Its other parameters train as before."""
    net = lenet()
    assert said(net, frozen(net, "conv1.weight")) == ["frozen conv1 1 weight"]
    assert said(frozen(net, "conv1.weight"), frozen(net, "conv1")) == ["frozen conv1 1 bias"]


def test_modules_that_froze_as_a_whole_are_one() -> None:
    """The widest of them."""
    net = transformer(depth=3)
    paths = sorted({state.name.split(".")[0] for state in net.states})
    assert any(name.startswith("layers.1.") for name in (s.name for s in net.states)), paths
    [line] = said(net, frozen(net, "layers."))
    assert line.startswith("frozen layers ")
    [line] = said(net, frozen(net, "layers.1."))
    assert line.startswith("frozen layers.1 ")


def test_the_old_path_of_a_module_that_was_renamed() -> None:
    """What lies above the names that both share."""
    net = transformer(depth=2)
    pairs = [(node.name.replace("layers.", "body."), node.name) for node in net.nodes]
    before = replace(
        net,
        nodes=[replace(n, name=n.name.replace("layers.", "body.")) for n in net.nodes],
    )
    [found] = find_freezing(before, frozen(net, "layers."), pairs)
    assert (found.before, found.after) == ("body", "layers")


@given(st.sets(st.sampled_from([state.name for state in transformer(depth=2).states])))
def test_what_is_said_covers_what_was_frozen(names: set[str]) -> None:
    """Each layer with a newly frozen parameter lies in exactly one line."""
    net = transformer(depth=2)
    after = replace(net, states=[replace(s, frozen=s.name in names) for s in net.states])
    frozen_parameters = {s.name for s in after.states if s.frozen and s.kind == "parameter"}
    layers = [n.name for n in net.nodes if frozen_parameters.intersection(n.states)]
    pairs = [(node.name, node.name) for node in net.nodes]
    found = list(find_freezing(net, after, pairs))
    covering = [
        [f.after for f in found if name == f.after or name.startswith(f.after + ".")]
        for name in layers
    ]
    assert all(len(each) == 1 for each in covering)
    assert sum(f.layers for f in found) == len(layers)
