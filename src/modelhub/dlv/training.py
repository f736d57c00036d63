"""The paper's M: hyperparameters and metrics, collected from a version's files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.survey import SurveyedFile
from modelhub.dlv.versions import Setting
from modelhub.errors import DamagedFileError
from modelhub.identity import canonical_json
from modelhub.wrappers import Recording, extract, unloaded

MAX_POINTS = 200_000  # of a version's history; a longer one is thinned, its log file is kept

MAX_REASON = 200  # characters

History = Mapping[str, list[tuple[float | None, float]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What the logs and settings of a version say.

    Attributes:
        hyperparameters: flat names to values.
        metrics: the last value of each metric.
        history: every metric's (step, value), in the order logged.
        notes: what was not understood, a line each.
    """

    hyperparameters: Mapping[str, Setting]
    metrics: Mapping[str, float]
    history: History
    notes: Sequence[str] = ()

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
    """Read the logs and settings among the files, as far as they can be read.

    None of them stops a commit: it is kept byte for byte, whatever is wrong with it.
    """
    recording = Recording()
    notes = unloaded()
    for each in files:
        if each.wrapper is not None:
            notes += _read(root / each.path, recording)
    return Training(
        hyperparameters=recording.hyperparameters,
        metrics=recording.metrics,
        history=recording.history,
        notes=notes,
    )


def _read(path: Path, recording: Recording) -> list[str]:
    """Let a file's wrapper read it; what the user should know."""
    recording.notes.clear()
    try:
        extract(path, recording)
    except DamagedFileError as error:
        return [*recording.notes, f"{error}; it is kept, and read no further"]
    except Exception as error:  # noqa: BLE001 - a stranger's wrapper may raise anything
        what = f"{type(error).__name__}: {error}"
        return [f"{path} is kept, and was not understood ({' '.join(what.split())[:MAX_REASON]})"]
    return list(recording.notes)
