"""Keras computes with what is installed."""

from modelhub.wrappers.keras.backend import keras


def test_keras_is_there() -> None:
    """On a backend that can be imported."""
    assert keras.backend.backend() in {"torch", "jax", "tensorflow"}
