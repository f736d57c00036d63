"""Networks of PyTorch's operators, evaluated on arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch.utils import _pytree as trees

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.network import Network, Node, evaluate_extent
from modelhub.wrappers.networks import Array, Weight
from modelhub.wrappers.torch.build import build, refill
from modelhub.wrappers.torch.tensors import tensor_bytes, torch_dtype


class TorchModel:
    """A rebuilt module that takes and gives arrays; in evaluation mode, without gradients."""

    def __init__(self, network: Network, weights: Mapping[str, Weight]) -> None:
        self._network = network
        self._module = build(network, weights)

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        return [node.name for node in self._network.inputs]

    @property
    def module(self) -> torch.nn.Module:
        """The rebuilt module."""
        return self._module

    def reload(self, weights: Mapping[str, Weight]) -> None:
        """Take other weights of the same network, in the memory of those before.

        Raises:
            InputError: they do not fit.
        """
        refill(self._module, self._network, weights)

    def __call__(self, batch: Mapping[str, Array]) -> list[Array]:
        """What it returns for a batch, in order.

        Raises:
            InputError: an input is missing, of another shape or dtype, or makes it fail.
        """
        given = self.given(batch)
        try:
            with torch.no_grad():
                found = self._module(*given)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise InputError(f"the network fails on these inputs: {error}") from error
        values = (each for each in trees.tree_leaves(found) if isinstance(each, torch.Tensor))
        return [array_of(each) for each in values]

    def given(self, batch: Mapping[str, Array]) -> list[torch.Tensor]:
        """The inputs of a batch as tensors, in order.

        Raises:
            InputError: one is missing, unknown, or of another shape or dtype.
        """
        unknown = [name for name in batch if name not in self.inputs]
        if unknown:
            raise InputError(
                f"the network has no input {unknown[0]!r}; its inputs: {', '.join(self.inputs)}"
            )
        sizes: dict[str, int] = {}
        return [self._input(node, batch, sizes) for node in self._network.inputs]

    def _input(self, node: Node, batch: Mapping[str, Array], sizes: dict[str, int]) -> torch.Tensor:
        (wanted,) = node.outputs
        text = f"{node.name} ({wanted.dtype} {list(wanted.shape)})"
        if node.name not in batch:
            raise InputError(f"the input {text} is missing")
        array = np.asarray(batch[node.name])
        if array.dtype != NUMPY[wanted.dtype]:
            raise InputError(f"the input {text} is given as {array.dtype}; convert it")
        if len(array.shape) != len(wanted.shape) or not all(
            self._fits(extent, size, sizes)
            for extent, size in zip(wanted.shape, array.shape, strict=False)
        ):
            raise InputError(f"the input {text} is given with the shape {list(array.shape)}")
        return tensor_of(array, wanted.dtype)

    def _fits(self, extent: int | str, size: int, sizes: dict[str, int]) -> bool:
        """Whether a size is what the network says, learning the sizes that it leaves open."""
        symbol = self._network.symbols.get(str(extent))
        if symbol is None or extent in sizes:
            return evaluate_extent(extent, sizes) == size
        sizes[str(extent)] = size
        low, high = symbol.min, symbol.max
        return (low is None or size >= low) and (high is None or size <= high)


def tensor_of(array: Array, dtype: str) -> torch.Tensor:
    """An array as a tensor; shares its memory where it is contiguous and may be written."""
    plain = np.require(array, requirements=["C", "W"])
    flat = torch.from_numpy(plain.reshape(-1).view(np.uint8))
    return flat.view(torch_dtype(dtype)).reshape(array.shape)


def array_of(tensor: torch.Tensor) -> Array:
    """A tensor as an array; bfloat16 and its kin by ml_dtypes."""
    dtype, shape, data = tensor_bytes("an output", tensor)
    found: Array = np.frombuffer(data, dtype=NUMPY[dtype]).reshape(shape)
    return found
