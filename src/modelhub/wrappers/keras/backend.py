"""Keras itself, which computes with what is installed; its door for our modules."""

from modelhub.config import settle_keras_backend

settle_keras_backend()

import keras  # noqa: E402 - the backend is chosen when Keras is imported

__all__ = ["keras"]
