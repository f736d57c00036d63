"""The module that a network becomes: its own paths, its own keys, no class of the user's."""

import copy
from collections.abc import Mapping
from typing import Any

from torch import fx, nn

from modelhub.network import Network, network_bytes, parse_network
from modelhub.wrappers.torch.lower import lower


class RebuiltModule(fx.GraphModule):
    """A network with weights: trains, evaluates, copies and pickles as any module does.

    Attributes:
        network: what it was built from.
    """

    network: Network

    def __init__(self, network: Network) -> None:
        """A module without its parts."""
        super().__init__(nn.Module(), fx.Graph(), "RebuiltModule")
        self.network = network

    def compile_graph(self) -> None:
        """Make the parts run in the order of the network."""
        self.graph = lower(self.network)

    def __deepcopy__(self, memo: dict[int, Any]) -> "RebuiltModule":
        copied = RebuiltModule(self.network)
        memo[id(self)] = copied
        copied.__dict__.update(copy.deepcopy(_parts(self), memo))
        copied.compile_graph()
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (network_bytes(self.network), _parts(self))


def restored(network: bytes, parts: Mapping[str, Any]) -> RebuiltModule:
    """A module that was pickled."""
    module = RebuiltModule(parse_network(network))
    module.__dict__.update(parts)
    module.compile_graph()
    return module


def _parts(module: RebuiltModule) -> dict[str, Any]:
    """What a module holds besides its graph and the code made from it."""
    made = {"_graph", "_code", "network", "meta", "_graphmodule_cls_name"}
    return {key: value for key, value in module.__dict__.items() if key not in made}
