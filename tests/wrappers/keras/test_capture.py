"""Models in memory become networks."""

import numpy as np
import pytest

from modelhub.errors import InputError
from modelhub.wrappers.keras.backend import keras
from modelhub.wrappers.keras.capture import capture


def test_what_is_not_built_is_told() -> None:
    """Unless example inputs build it."""
    model = keras.Sequential([keras.layers.Dense(2)])
    with pytest.raises(InputError, match="not built"):
        capture(model)
    assert capture(model, (np.zeros((1, 3), np.float32),)).network.parameter_count == 8


def test_a_model_with_its_own_call_is_partial() -> None:
    """Its layers and weights are known, what they read is not."""

    class Mine(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(2, name="dense")

        def call(self, x):
            return self.dense(x)

    network = capture(Mine(), (np.zeros((1, 3), np.float32),)).network
    assert "Mine" in str(network.partial)
    assert [state.name for state in network.states] == ["dense/kernel", "dense/bias"]
