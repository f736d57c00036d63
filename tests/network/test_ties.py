"""Parameters that are tied in one network only."""

from dataclasses import replace

from by_hand import lenet

from modelhub.network import Network, align_networks
from modelhub.network.ties import find_ties


def tied(network: Network, name: str, owner: str) -> Network:
    states = [replace(s, tied=owner) if s.name == name else s for s in network.states]
    return replace(network, states=states)


def test_tied_and_untied() -> None:
    """Which parameter of which layer, and whose it is."""
    net = lenet()
    layers = [node for node in net.nodes if node.states]
    owner, name = layers[0].states[0], layers[-1].states[0]
    pairs = [(node.name, node.name) for node in net.nodes]
    (found,) = find_ties(net, tied(net, name, owner), pairs)
    assert (found.after, found.owner_before, found.owner_after) == (layers[-1].name, None, owner)
    (found,) = find_ties(tied(net, name, owner), net, pairs)
    assert (found.owner_before, found.owner_after) == (owner, None)
    assert not list(find_ties(net, net, pairs))


def test_a_change_of_a_network_that_computes_the_same() -> None:
    """Said of the layer; nothing else of it differs."""
    net = lenet()
    layers = [node for node in net.nodes if node.states]
    other = tied(net, layers[-1].states[0], layers[0].states[0])
    for one, two, kind in ((net, other, "tied"), (other, net, "untied")):
        (change,) = align_networks(one, two).changes
        assert (change.kind, change.after) == (kind, layers[-1].name)
        assert change.is_of_training
        assert [each.name for each in change.attributes] == ["weight"]
