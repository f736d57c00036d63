"""Frameworks: logs, settings, tensors in memory, networks: how each is read and run."""

from modelhub.wrappers.base import Recording, SnapshotSink, Wrapper
from modelhub.wrappers.networks import (
    FRAMEWORKS,
    MODULES,
    NETWORK_READERS,
    RUNNERS,
    Captured,
    Extents,
    KnownLevels,
    LayerMaker,
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
from modelhub.wrappers.settings import read_settings
from modelhub.wrappers.state import STATES, Bytes, framework_of, state_arrays
from modelhub.wrappers.training import TRAINERS, Recipe, Trainer, Training

__all__ = [
    "FRAMEWORKS",
    "MODULES",
    "NETWORK_READERS",
    "RUNNERS",
    "STATES",
    "TRAINERS",
    "WRAPPERS",
    "Bytes",
    "Captured",
    "Extents",
    "KnownLevels",
    "LayerMaker",
    "LevelRunner",
    "LevelledWeight",
    "Model",
    "ModuleWrapper",
    "NetworkReader",
    "Recipe",
    "Recording",
    "Reloadable",
    "Runner",
    "SnapshotSink",
    "StageAnswer",
    "StagedModel",
    "Trainer",
    "Training",
    "Weight",
    "Wrapper",
    "extract",
    "framework_of",
    "read_settings",
    "state_arrays",
    "unloaded",
    "wrapper_of",
]
