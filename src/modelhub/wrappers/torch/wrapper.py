"""What the registries know of PyTorch."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from modelhub.network import Network
from modelhub.values import Shape
from modelhub.wrappers.networks import Captured
from modelhub.wrappers.torch.build import Weights, build
from modelhub.wrappers.torch.capture import capture
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


MODULES = TorchModules()
