"""Hugging Face's `trainer_state.json`: what a Trainer logged at each step."""

from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.texts import number_of, read_json, step_of


class TrainerState:
    """Reads `log_history`, and the best metric so far."""

    name = "trainer_state"

    def claims(self, path: Path) -> bool:
        """By the name."""
        return path.name == "trainer_state.json"

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every number of every entry, at the entry's step."""
        found = read_json(path)
        history = found.get("log_history", []) if isinstance(found, dict) else None
        if not isinstance(history, list) or not all(isinstance(e, dict) for e in history):
            raise DamagedFileError(f"{path} has no list log_history of entries")
        for entry in history:
            at = step_of({"step": entry.get("step")})
            step = None if at is None else at[1]
            for key, value in entry.items():
                number = None if isinstance(value, str) else number_of(value)
                if key != "step" and number is not None:
                    sink.metric(key, number, step=step)
        best = number_of(found.get("best_metric"))
        if best is not None:
            sink.metric("best_metric", best)


wrapper = TrainerState()
