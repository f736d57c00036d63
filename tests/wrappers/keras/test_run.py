"""Evaluation equals plain Keras."""

import numpy as np
import pytest
from keras_zoo import made

from modelhub.errors import InputError
from modelhub.wrappers.keras.backend import as_array
from modelhub.wrappers.keras.capture import capture
from modelhub.wrappers.keras.run import RUNNER
from modelhub.wrappers.keras.wrapper import MODULES


def test_outputs_are_those_of_keras() -> None:
    """And what does not fit is told."""
    model = made("late")
    network = capture(model).network
    found = RUNNER.load(network, MODULES.state(model), {})
    x = np.random.default_rng(0).random((4, 12, 2)).astype(np.float32)
    (name,) = found.inputs

    (output,) = found({name: x})
    assert np.array_equal(output, as_array(model(x, training=False)))
    with pytest.raises(InputError, match="is missing"):
        found({})
    with pytest.raises(InputError, match="float64"):
        found({name: x.astype(np.float64)})
    with pytest.raises(InputError, match="shape"):
        found({name: x[:, :5]})
