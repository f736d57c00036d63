"""Keras itself, which computes with what is installed; its door for our modules."""

import warnings

from modelhub.config import settle_keras_backend
from modelhub.wrappers.networks import Array

settle_keras_backend()

import keras  # noqa: E402 - the backend is chosen when Keras is imported


def as_array(value: object) -> Array:
    """The elements of a tensor of the backend.

    Keras asks tensors of PyTorch in a way that NumPy warns of; that is not the user's affair.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        found: Array = keras.ops.convert_to_numpy(value)
    return found


__all__ = ["as_array", "keras"]
