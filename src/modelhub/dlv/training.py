"""The paper's M: hyperparameters and metrics, collected from a version's files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.survey import SurveyedFile
from modelhub.dlv.versions import Setting
from modelhub.identity import canonical_json
from modelhub.wrappers import Recording, extract

MAX_POINTS = 200_000  # of a version's history; a longer one is thinned, its log file is kept

History = Mapping[str, list[tuple[float | None, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What the logs and settings of a version say.

    Attributes:
        hyperparameters: flat names to values.
        metrics: the last value of each metric.
        history: every metric's (step, value), in the order logged.
    """

    hyperparameters: Mapping[str, Setting]
    metrics: Mapping[str, float]
    history: History

    def at_step(self, step: int | None) -> dict[str, float]:
        """The metrics that were logged at a step."""
        return {
            name: value
            for name, points in self.history.items()
            for at, value in points
            if step is not None and at == step
        }

    def history_bytes(self) -> bytes | None:
        """The history as canonical JSON, or None if there is none (manifest.md §3)."""
        if not self.history:
            return None
        total = sum(map(len, self.history.values()))
        stride = -(-total // MAX_POINTS)
        points = {name: [list(p) for p in found[::stride]] for name, found in self.history.items()}
        return canonical_json({"format": 1, "metrics": points})


def collect(root: Path, files: Iterable[SurveyedFile]) -> Training:
    """Read the logs and settings among the files."""
    recording = Recording()
    for each in files:
        if each.wrapper is not None:
            extract(root / each.path, recording)
    return Training(
        hyperparameters=recording.hyperparameters,
        metrics=recording.metrics,
        history=recording.history,
    )
