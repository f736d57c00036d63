"""What the registries know of Keras."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.values import Shape
from modelhub.wrappers.keras.build import Weights, build
from modelhub.wrappers.keras.capture import capture, named_variables
from modelhub.wrappers.networks import Array, Captured


class KerasModules:
    """Captures and rebuilds `keras.Model`."""

    def capture(
        self, module: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Captured:
        """The network of a model; see `modelhub.wrappers.keras.capture`."""
        return capture(module, args, kwargs)

    def state(self, module: Any) -> Mapping[str, object]:
        """The weights by layer and name; no tensor is copied where the backend allows."""
        return {
            f"{path}/{name}" if path else name: getattr(
                variable.value, "detach", variable.value.__array__
            )()
            for path, name, variable in named_variables(module)
        }

    def example(self, dtype: str, shape: Shape) -> Array:
        """An array of zeros."""
        found: Array = np.zeros(shape, dtype=numpy_dtype(dtype))
        return found

    def build(self, network: Network, weights: Weights) -> Any:
        """A model that trains; see `modelhub.wrappers.keras.build`."""
        return build(network, weights)

    def source(self, network: Network) -> str:
        """Nothing yet: a model of Keras has its own text.

        Raises:
            InputError: always; says what to use.
        """
        del network
        raise InputError(
            "the source of a network of Keras is not written; take module().to_json(), or check "
            "out its files"
        )


MODULES = KerasModules()
