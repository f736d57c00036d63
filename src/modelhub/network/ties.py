"""Which layers share their parameters in one of two networks, and have their own in the other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modelhub.network.graph import PARAMETER, Network
from modelhub.network.labels import local_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A parameter of a layer that is another's in one network only.

    Attributes:
        before: the layer in the first network.
        after: in the second one.
        parameter: which one, as the layer calls it.
        owner_before: the state that it is in the first network; None if it is its own.
        owner_after: in the second one.
    """

    before: str
    after: str
    parameter: str
    owner_before: str | None
    owner_after: str | None


def find_ties(before: Network, after: Network, pairs: Sequence[tuple[str, str]]) -> Iterator[Tie]:
    """What was tied or untied, in the order of the pairs.

    Args:
        before: the first network.
        after: the second one.
        pairs: names of layers that are the same layer.
    """
    owners = [_owners(network) for network in (before, after)]
    for old, new in pairs:
        one, other = owners[0].get(old, {}), owners[1].get(new, {})
        for name in one:
            if name in other and (one[name] is None) != (other[name] is None):
                yield Tie(
                    before=old,
                    after=new,
                    parameter=name,
                    owner_before=one[name],
                    owner_after=other[name],
                )


def _owners(network: Network) -> Mapping[str, Mapping[str, str | None]]:
    """Of the parameters of each layer, the state that each is tied to."""
    states = {each.name: each for each in network.states if each.kind == PARAMETER}
    return {
        node.name: {
            local_name(node, name): states[name].tied for name in node.states if name in states
        }
        for node in network.nodes
        if node.states
    }
