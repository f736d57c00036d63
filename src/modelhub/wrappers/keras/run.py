"""Networks of Keras' layers, evaluated on arrays."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.network import Network, Node
from modelhub.recipes import shown
from modelhub.wrappers.keras.backend import as_array, keras
from modelhub.wrappers.keras.build import build, fill
from modelhub.wrappers.networks import Array, Weight


class KerasModel:
    """A rebuilt model that takes and gives arrays; never as while training."""

    def __init__(self, network: Network, weights: Mapping[str, Weight]) -> None:
        self._network = network
        self._model = build(network, weights)

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        return [node.name for node in self._network.inputs]

    def reload(self, weights: Mapping[str, Weight]) -> None:
        """Take other weights of the same network, in the memory of those before.

        Raises:
            InputError: they do not fit.
        """
        fill(self._model, weights)

    def __call__(self, batch: Mapping[str, Array]) -> list[Array]:
        """What it returns for a batch, in Keras' order.

        Raises:
            InputError: an input is missing, of another shape or dtype, or makes it fail.
        """
        unknown = [name for name in batch if name not in self.inputs]
        if unknown:
            raise InputError(
                f"the network has no input {unknown[0]!r}; its inputs: {', '.join(self.inputs)}"
            )
        arrays = [_checked(node, batch) for node in self._network.inputs]
        keys = [node.attributes.get("key") for node in self._network.inputs]
        given: Any = arrays[0] if len(arrays) == 1 else arrays
        if all(keys):
            given = dict(zip(keys, arrays, strict=True))
        try:
            found = self._model(given, training=False)
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise InputError(f"the network fails on these inputs: {shown(lines[0])}") from error
        return [as_array(each) for each in keras.tree.flatten(found)]


def _checked(node: Node, batch: Mapping[str, Array]) -> Array:
    (wanted,) = node.outputs
    text = f"{node.name} ({wanted.dtype} {list(wanted.shape)})"
    if node.name not in batch:
        raise InputError(f"the input {text} is missing")
    array = np.asarray(batch[node.name])
    if array.dtype != numpy_dtype(wanted.dtype):
        raise InputError(f"the input {text} is given as {array.dtype}; convert it")
    pairs = zip(wanted.shape, array.shape, strict=False)
    if array.ndim != len(wanted.shape) or any(
        isinstance(extent, int) and extent != size for extent, size in pairs
    ):
        raise InputError(f"the input {text} is given with the shape {list(array.shape)}")
    return array


class KerasRunner:
    """Makes networks of the dialect `keras` run."""

    needs_files = False

    def load(
        self, network: Network, weights: Mapping[str, Weight], files: Mapping[str, Path]
    ) -> KerasModel:
        """A model that can be evaluated.

        Raises:
            InputError: the network cannot be run, or the weights do not fit it.
        """
        del files
        return KerasModel(network, weights)


RUNNER = KerasRunner()
