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
from modelhub.evaluation.feed import Feed, connect
from modelhub.evaluation.measuring import EvaluationOptions, Measured, Predictions, evaluate
from modelhub.evaluation.metrics import METRICS, Metric, metric
from modelhub.evaluation.scored import Scored
from modelhub.evaluation.sources import DATA_SOURCES, open_data

__all__ = [
    "DATA_SOURCES",
    "METRICS",
    "Batch",
    "ClassResult",
    "DataFormat",
    "DataOptions",
    "DataSource",
    "EvaluationOptions",
    "Feed",
    "Field",
    "Measured",
    "Metric",
    "Predictions",
    "Scored",
    "WantedInput",
    "connect",
    "evaluate",
    "file_content",
    "metric",
    "open_data",
]
