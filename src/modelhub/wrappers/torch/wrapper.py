"""What the registries know of PyTorch."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from modelhub.network import Attribute, Network, Node, State
from modelhub.values import Shape
from modelhub.wrappers.networks import Captured, Extents
from modelhub.wrappers.torch.build import Weights, build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.making import first_weights, make_layer
from modelhub.wrappers.torch.reshaping import extents, reshaped
from modelhub.wrappers.torch.source import source
from modelhub.wrappers.torch.tensors import torch_dtype


class TorchModules:
    """Captures and rebuilds `torch.nn.Module`."""

    def capture(
        self, module: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Captured:
        """The network of a module; see `modelhub.wrappers.torch.capture`."""
        return capture(module, args, kwargs)

    def state(self, module: Any) -> Mapping[str, object]:
        """The module's state dict."""
        found: Mapping[str, object] = module.state_dict()
        return found

    def example(self, dtype: str, shape: Shape) -> torch.Tensor:
        """A tensor of zeros."""
        return torch.zeros(shape, dtype=torch_dtype(dtype))

    def build(self, network: Network, weights: Weights) -> nn.Module:
        """A module that trains; see `modelhub.wrappers.torch.build`."""
        return build(network, weights)

    def source(self, network: Network) -> str:
        """Readable Python of what `build` gives."""
        return source(network)

    def make_layer(
        self,
        name: str,
        template: str,
        *,
        kind: str | None,
        attributes: Mapping[str, Attribute],
        given: Shape,
        dtype: str,
    ) -> tuple[Node, Sequence[State]]:
        """A new layer; see `modelhub.wrappers.torch.making`."""
        return make_layer(
            name, template, kind=kind, attributes=attributes, given=given, dtype=dtype
        )

    def extents(self, network: Network) -> Extents:
        """Shapes alone; see `modelhub.wrappers.torch.reshaping`."""
        return extents(network)

    def reshaped(self, network: Network) -> Network:
        """The network with the shapes that its nodes now have."""
        return reshaped(network)

    def first_weights(
        self, node: Node, states: Sequence[State], seed: int
    ) -> Mapping[str, torch.Tensor]:
        """The weights of a new layer."""
        return first_weights(node, states, seed)


MODULES = TorchModules()
