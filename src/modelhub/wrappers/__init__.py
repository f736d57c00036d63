"""Frameworks: their logs, their settings, and the tensors that they hold in memory."""

from modelhub.wrappers.base import Recording, SnapshotSink, Wrapper
from modelhub.wrappers.networks import RUNNERS, Model, Reloadable, Runner, Weight
from modelhub.wrappers.readers import WRAPPERS, extract
from modelhub.wrappers.state import STATES, state_arrays

__all__ = [
    "RUNNERS",
    "STATES",
    "WRAPPERS",
    "Model",
    "Recording",
    "Reloadable",
    "Runner",
    "SnapshotSink",
    "Weight",
    "Wrapper",
    "extract",
    "state_arrays",
]
