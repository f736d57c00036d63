"""Trials: networks trained with settings that differ, compared, and stopped or kept."""

from modelhub.trials.configuration import (
    SETTINGS,
    Config,
    automatic,
    checked,
    meant,
    settings_used,
    with_point,
)
from modelhub.trials.driving import RUNNING, Run, Trial
from modelhub.trials.executors import EXECUTORS, Executor
from modelhub.trials.loop import (
    TRAIN_LOSS,
    Loop,
    data_options,
    measured_metrics,
    open_trial_data,
    recipe_of,
)
from modelhub.trials.reporting import (
    FAILED,
    FINISHED,
    STOPPED,
    Ending,
    Reporter,
    Send,
    StopTrial,
)
from modelhub.trials.rules import Metrics, Rule, Threshold, Top, is_falling
from modelhub.trials.search import SEARCHES, Drawn, Grid, Search
from modelhub.trials.space import MAX_TRIALS, Choices, Dimension, Interval, Point, Space, ranged
from modelhub.trials.store import RunFolder, RunPlan, names, run_name, save_state

__all__ = [
    "EXECUTORS",
    "FAILED",
    "FINISHED",
    "MAX_TRIALS",
    "RUNNING",
    "SEARCHES",
    "SETTINGS",
    "STOPPED",
    "TRAIN_LOSS",
    "Choices",
    "Config",
    "Dimension",
    "Drawn",
    "Ending",
    "Executor",
    "Grid",
    "Interval",
    "Loop",
    "Metrics",
    "Point",
    "Reporter",
    "Rule",
    "Run",
    "RunFolder",
    "RunPlan",
    "Search",
    "Send",
    "Space",
    "StopTrial",
    "Threshold",
    "Top",
    "Trial",
    "automatic",
    "checked",
    "data_options",
    "is_falling",
    "meant",
    "measured_metrics",
    "names",
    "open_trial_data",
    "ranged",
    "recipe_of",
    "run_name",
    "save_state",
    "settings_used",
    "with_point",
]
