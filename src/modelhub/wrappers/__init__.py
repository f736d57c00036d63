"""Frameworks: logs, settings, tensors in memory, networks: how each is read and run."""

from modelhub.wrappers.base import Recording, SnapshotSink, Wrapper
from modelhub.wrappers.networks import (
    FRAMEWORKS,
    MODULES,
    NETWORK_READERS,
    RUNNERS,
    Captured,
    KnownLevels,
    LevelledWeight,
    LevelRunner,
    Model,
    ModuleWrapper,
    NetworkReader,
    Reloadable,
    Runner,
    StageAnswer,
    StagedModel,
    Weight,
)
from modelhub.wrappers.readers import WRAPPERS, extract, unloaded, wrapper_of
from modelhub.wrappers.state import STATES, Bytes, framework_of, state_arrays

__all__ = [
    "FRAMEWORKS",
    "MODULES",
    "NETWORK_READERS",
    "RUNNERS",
    "STATES",
    "WRAPPERS",
    "Bytes",
    "Captured",
    "KnownLevels",
    "LevelRunner",
    "LevelledWeight",
    "Model",
    "ModuleWrapper",
    "NetworkReader",
    "Recording",
    "Reloadable",
    "Runner",
    "SnapshotSink",
    "StageAnswer",
    "StagedModel",
    "Weight",
    "Wrapper",
    "extract",
    "framework_of",
    "state_arrays",
    "unloaded",
    "wrapper_of",
]
