"""What the registries know of Keras."""

import numpy as np
import pytest
from keras_zoo import made

from modelhub import Repository
from modelhub.errors import InputError
from modelhub.wrappers.keras.backend import as_array
from modelhub.wrappers.keras.wrapper import MODULES


def test_a_model_comes_back_from_a_repository(tmp_path) -> None:
    """Committed with its network, and built again with its weights: outputs are bit-equal."""
    model = made("late")
    x = np.random.default_rng(0).random((4, 12, 2)).astype(np.float32)
    with Repository.init(tmp_path) as repository:
        repository.commit("late", model)
        built = repository["late"].module()
        assert np.array_equal(*(as_array(m(x)) for m in (model, built)))
        assert "conv/kernel" in repository["late"].tensors


def test_no_source_is_written() -> None:
    """The way out is told."""
    with pytest.raises(InputError, match="to_json"):
        MODULES.source(MODULES.capture(made("late")).network)
    assert MODULES.example("int32", (2,)).dtype == np.int32
