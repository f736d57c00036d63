"""What a wrapper is, and where it puts what it finds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from modelhub.values import Scalar

MAX_TEXT = 1000
Setting = Scalar | Sequence[Scalar]


class SnapshotSink(Protocol):
    """Where a wrapper puts what it finds. It never sees a repository."""

    def hyperparameter(self, key: str, value: Setting) -> None:
        """Note a setting of the training; nested names are joined by dots."""
        ...

    def metric(self, key: str, value: float, *, step: float | None = None) -> None:
        """Note a value of a metric, in the order logged; without a step it is a final value."""
        ...

    def note(self, text: str) -> None:
        """Tell the user, in one line, what of the file is passed over."""
        ...


class Wrapper(Protocol):
    """Reads the metrics or settings that a framework leaves in a file.

    A wrapper executes nothing that it reads, and its memory is bounded whatever the file says.
    """

    name: str

    def claims(self, path: Path) -> bool:
        """Whether a file is of its kind, by name and first bytes; cheap, and never raises."""
        ...

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Put what a file says into the sink; the same each time.

        Raises:
            DamagedFileError: the file is of its kind and broken; a commit keeps what is in the
                sink by then, and the file as it is.
        """
        ...


class Recording:
    """A sink that remembers; texts that are too long to be names or settings are cut.

    Attributes:
        hyperparameters: the last value of each setting.
        metrics: the last value of each metric.
        history: (step, value) of each metric that has steps, in the order logged.
        notes: what was passed over.
    """

    def __init__(self) -> None:
        self.hyperparameters: dict[str, Setting] = {}
        self.metrics: dict[str, float] = {}
        self.history: dict[str, list[tuple[float | None, float]]] = {}
        self.notes: list[str] = []

    def hyperparameter(self, key: str, value: Setting) -> None:
        """Remember a setting."""
        if isinstance(value, list | tuple):
            self.hyperparameters[storable(key)] = [_plain(each) for each in value]
        else:
            self.hyperparameters[storable(key)] = _plain(value)

    def metric(self, key: str, value: float, *, step: float | None = None) -> None:
        """Remember a value."""
        key = storable(key)
        self.metrics[key] = value
        if step is not None:
            self.history.setdefault(key, []).append((step, value))

    def note(self, text: str) -> None:
        """Remember what the user should know."""
        self.notes.append(storable(text))


def _plain(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def storable(text: str) -> str:
    """The first `MAX_TEXT` characters; halves of surrogate pairs, which no file holds, are `?`."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode()
