"""Frameworks: their logs, their settings, and the tensors that they hold in memory."""

from modelhub.wrappers.base import Recording, SnapshotSink, Wrapper
from modelhub.wrappers.readers import WRAPPERS, extract, unloaded, wrapper_of
from modelhub.wrappers.state import STATES, state_arrays

__all__ = [
    "STATES",
    "WRAPPERS",
    "Recording",
    "SnapshotSink",
    "Wrapper",
    "extract",
    "state_arrays",
    "unloaded",
    "wrapper_of",
]
