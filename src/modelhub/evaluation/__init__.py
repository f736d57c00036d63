"""Evaluation: data that models are fed with, and what is measured; no framework, no repository."""

from modelhub.evaluation.by_class import ClassResult
from modelhub.evaluation.data import (
    Batch,
    DataFormat,
    DataOptions,
    DataSource,
    Field,
    WantedInput,
    file_content,
)
from modelhub.evaluation.feed import FedBatch, Feed, connect
from modelhub.evaluation.measuring import EvaluationOptions, Measured, Predictions, evaluate
from modelhub.evaluation.metrics import METRICS, Metric, metric
from modelhub.evaluation.named import is_named, load_named, told
from modelhub.evaluation.scored import Scored
from modelhub.evaluation.sources import DATA_SOURCES, open_data
from modelhub.evaluation.stages import StageResult, certain_top, evaluate_in_stages

__all__ = [
    "DATA_SOURCES",
    "METRICS",
    "Batch",
    "ClassResult",
    "DataFormat",
    "DataOptions",
    "DataSource",
    "EvaluationOptions",
    "FedBatch",
    "Feed",
    "Field",
    "Measured",
    "Metric",
    "Predictions",
    "Scored",
    "StageResult",
    "WantedInput",
    "certain_top",
    "connect",
    "evaluate",
    "evaluate_in_stages",
    "file_content",
    "is_named",
    "load_named",
    "metric",
    "open_data",
    "told",
]
