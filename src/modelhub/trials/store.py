"""What a run has done, in its folder: written so that a kill loses nothing (runs.md)."""

import fcntl
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from modelhub import durable
from modelhub.errors import IntegrityError, LockedError, NotFoundError
from modelhub.identity import canonical_json, hasher
from modelhub.recipes import safetensors_header
from modelhub.trials.rules import Course
from modelhub.trials.space import Point
from modelhub.wrappers import state_arrays

FORMAT = 1
_NAME = re.compile(r"[0-9a-f]{12}")
_TRIAL = re.compile(r"(\d{5,6})\.json")
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run tries; decided once.

    Attributes:
        query: in its one form, parameters bound.
        config: whole.
        data: the hash of each data file, by place; None where it is no file.
        candidates: what is tried, as its folder has it (runs.md §3).
        varied: the settings, in order.
        count: how many trials.
    """

    query: str
    config: Mapping[str, Any]
    data: Mapping[str, str | None]
    candidates: Sequence[Mapping[str, Any]]
    varied: Sequence[str]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """How a trial ended.

    Attributes:
        candidate: its place among the run's.
        point: its own settings.
        state: finished, stopped or failed.
        step: the last that it reported.
        reason: why, unless it finished.
        course: what it reported, by step.
        seconds: that it took.
    """

    candidate: int
    point: Point
    state: str
    step: int
    reason: str
    course: Course
    seconds: float


class RunFolder:
    """The folder of one run."""

    def __init__(self, runs: Path, name: str) -> None:
        self.path, self.name = runs / name, name

    @classmethod
    def find(cls, runs: Path, name: str) -> Self:
        """The run whose name begins so.

        Raises:
            NotFoundError: there is none, or several.
        """
        known = names(runs)
        found = [each for each in known if each.startswith(name)]
        if len(found) != 1:
            there = f"there are: {', '.join(known)}" if known else "there are none"
            what = f"no run is called {name!r}" if not found else f"several runs begin with {name}"
            raise NotFoundError(f"{what}; {there}")
        return cls(runs, found[0])

    @contextmanager
    def driving(self) -> Iterator[None]:
        """Be the one who drives the run; what others left half written is taken away.

        Raises:
            LockedError: somebody does already.
        """
        durable.make_folder(self.path)
        layout = self
        with durable.reported("lock", layout.lock):
            descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockedError(
                    f"another process drives the run {self.name}; look at it with: "
                    f"dlv query --status {self.name}"
                ) from None
            self._tidy()
            yield
        finally:
            os.close(descriptor)

    @property
    def lock(self) -> Path:
        """The file that carries the lock."""
        return self.path / "lock"

    @property
    def is_driven(self) -> bool:
        """Whether a process drives the run now."""
        try:
            with self.lock.open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def plan(self) -> RunPlan | None:
        """What is tried, or None if that is not written yet."""
        found = self._read("run.json")
        if found is None:
            return None
        with self._legible("run.json"):
            if found.pop("format") != FORMAT:
                raise IntegrityError(f"{self.path} was written by a later dlv; upgrade it")
            return RunPlan(**found)

    def write_plan(self, plan: RunPlan) -> None:
        """Write what is tried."""
        self._write("run.json", {"format": FORMAT, **asdict(plan)})

    def records(self) -> dict[int, TrialRecord]:
        """The trials that ended, by number.

        Raises:
            IntegrityError: a file is damaged; says how to go on.
        """
        found = {}
        for path in sorted(self.path.iterdir()) if self.path.is_dir() else []:
            named = _TRIAL.fullmatch(path.name)
            record = self._read(path.name) if named else None
            if named and record is not None:
                with self._legible(path.name):
                    record["course"] = [
                        (step, {k: _NUMBERS.get(v, v) for k, v in metrics.items()})
                        for step, metrics in record["course"]
                    ]
                    found[int(named[1])] = TrialRecord(**record)
        return found

    def write_record(self, number: int, record: TrialRecord) -> None:
        """Write how a trial ended."""
        self._write(f"{number:05}.json", asdict(record))

    def version(self, number: int) -> str | None:
        """The id of the version that a kept trial became."""
        found = self._read(f"{number:05}.version.json")
        return None if found is None else str(found.get("version"))

    def write_version(self, number: int, version: str) -> None:
        """Write which version a kept trial became."""
        self._write(f"{number:05}.version.json", {"version": version})

    def trial(self, number: int) -> Path:
        """The folder of a trial's checkpoints."""
        return self.path / f"{number:05}"

    def discard(self, number: int) -> None:
        """Take the checkpoints of a trial away."""
        _discard(self.trial(number))

    def _tidy(self) -> None:
        """Take away what a killed process left: half-written files, trials that did not end."""
        for path in sorted(self.path.iterdir()):
            if path.is_dir() and not self.path.joinpath(f"{path.name}.json").exists():
                _discard(path)
            elif path.is_file() and path.suffix not in {".json", ""}:
                durable.remove(path)

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise IntegrityError(self._damaged(name))
        return found

    @contextmanager
    def _legible(self, name: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError):
            raise IntegrityError(self._damaged(name)) from None

    def _damaged(self, name: str) -> str:
        return f"{self.path / name} is damaged; delete it, and what it told is done again"

    def _write(self, name: str, value: Mapping[str, Any]) -> None:
        data = canonical_json(_plain(value))
        durable.replace_file(self.path / name, data, scratch=self.path)


def run_name(plan: RunPlan) -> str:
    """The name of a run: the same for the same query, configuration and data."""
    digest = hasher()
    digest.update(canonical_json(_plain([plan.query, plan.config, plan.data])))
    return str(digest.hexdigest())[:12]


def names(runs: Path) -> list[str]:
    """The runs that there are."""
    folders = sorted(runs.iterdir()) if runs.is_dir() else []
    return [each.name for each in folders if _NAME.fullmatch(each.name)]


def save_state(folder: Path, step: int, state: Mapping[str, object]) -> None:
    """Write weights as `step-S.safetensors`, a tensor at a time."""
    durable.make_folder(folder)
    path = folder / f"step-{step}.safetensors"
    header = safetensors_header(
        (name, dtype, shape) for name, dtype, shape, _ in state_arrays(state)
    )
    temporary = path.with_suffix(f".{os.getpid()}.part")
    durable.remove(temporary)
    durable.write_file(temporary, _parts(header, state))
    durable.rename(temporary, path)


def _parts(header: bytes, state: Mapping[str, object]) -> Iterator[bytes | memoryview]:
    yield header
    for _, _, _, data in state_arrays(state):
        yield data


def _discard(folder: Path) -> None:
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        durable.remove(file)
    durable.remove_folder(folder)


def _plain(value: Any) -> Any:
    """A value as canonical JSON has it: numbers that JSON lacks are texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return next(name for name, n in _NUMBERS.items() if repr(n) == repr(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
