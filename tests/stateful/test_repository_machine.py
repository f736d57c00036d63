"""All operations in any order, against a plain model in memory."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from modelhub.dlv import (
    ArchiveOptions,
    alias,
    annotate,
    archive,
    check,
    collect_garbage,
    rebuild,
    remove,
    restore,
    tag,
)
from modelhub.dlv.maintenance import merge_small_packs
from modelhub.dlv.repository import Repository
from modelhub.errors import ConflictError

NAMES = st.sampled_from(["a", "b", "team/c"])
SEEDS = st.integers(0, 5)


def state_of(seed: int) -> dict[str, np.ndarray]:
    """Seeds 0, 2 and 4 resemble each other, and so do the others."""
    large = np.random.default_rng(seed % 2).normal(size=(40, 40))
    large += 1e-4 * np.random.default_rng(seed).normal(size=large.shape)
    return {
        "large": large.astype(np.float32),
        "small": np.full(3, seed % 2, np.float32),
    }


class RepositoryMachine(RuleBasedStateMachine):
    """The model: versions by `name@number` with their seeds, removed ones, tags, aliases."""

    versions = Bundle("versions")
    removed = Bundle("removed")
    costs = b""  # of this machine, measured once

    @initialize()
    def start(self) -> None:
        self.root = Path(tempfile.mkdtemp())
        self.repository = Repository.init(self.root)
        self.living: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.content: dict[str, tuple[int, dict[str, float]]] = {}
        self.labels: dict[str, str] = {}
        self.metrics: dict[str, float] = {}

    def teardown(self) -> None:
        self.sound()
        self.repository.close()
        shutil.rmtree(self.root)

    def latest(self, name: str) -> str | None:
        found = [ref for ref in self.living if ref.rpartition("@")[0] == name]
        return max(found, key=lambda ref: int(ref.rpartition("@")[2]), default=None)

    @rule(target=versions, name=NAMES, seed=SEEDS, from_files=st.booleans())
    def commit(self, name: str, seed: int, *, from_files: bool) -> object:
        """Identical content makes nothing; anything else is the next number."""
        before = self.latest(name)
        if from_files:
            (self.root / "work").mkdir(exist_ok=True)
            for tensor, array in state_of(seed).items():
                np.save(self.root / f"work/{tensor}.npy", array)
            version = self.repository.commit(name, "work")
        else:
            version = self.repository.commit(name, state_of(seed))
        ref = str(version.ref)
        if before is not None and self.content[before] == (seed, from_files):
            assert ref == before
            return multiple()
        self.last[name] = self.last.get(name, 0) + 1
        assert ref == f"{name}@{self.last[name]}"
        self.living[ref] = seed
        self.content[ref] = (seed, from_files)
        return ref

    @rule(target=removed, ref=consumes(versions))
    def forget(self, ref: str) -> object:
        remove(self.repository, [ref])
        self.gone[ref] = self.living.pop(ref)
        return ref

    @rule(target=versions, ref=consumes(removed))
    def take_back(self, ref: str) -> object:
        if ref not in self.gone:
            return multiple()  # a collection was faster
        restore(self.repository, [ref])
        self.living[ref] = self.gone.pop(ref)
        return ref

    @rule(ref=versions, label=st.sampled_from(["x", "y"]))
    def name_it(self, ref: str, label: str) -> None:
        """A tag stays with its version."""
        key = f"{ref.rpartition('@')[0]}@{label}"
        holder = self.labels.get(key)
        try:
            tag(self.repository, ref, label)
        except ConflictError:
            assert holder not in (None, ref)
        else:
            assert holder in (None, ref)
            self.labels[key] = ref

    @rule(ref=versions)
    def point(self, ref: str) -> None:
        """An alias moves."""
        alias(self.repository, ref, "now")
        self.labels[f"{ref.rpartition('@')[0]}@now"] = ref

    @rule(ref=versions, value=st.floats(allow_nan=False, allow_infinity=False))
    def measure(self, ref: str, value: float) -> None:
        annotate(self.repository, ref, metrics={"m": value})
        self.metrics[ref] = value

    @rule()
    def collect(self) -> None:
        collect_garbage(self.repository, grace_days=0)
        self.labels = {k: ref for k, ref in self.labels.items() if ref not in self.gone}
        self.gone.clear()

    @rule()
    def merge(self) -> None:
        merge_small_packs(self.repository, fan_in=2)

    @rule(alpha=st.sampled_from([1.0, 2.0, 50.0]))
    def plan(self, alpha: float) -> None:
        """Tensors are stored otherwise; everything else stays as it is."""
        if not self.living:
            return
        known = self.repository.layout.costs
        if self.costs:
            known.write_bytes(self.costs)
        archive(self.repository, options=ArchiveOptions(alpha=alpha, threads=1))
        RepositoryMachine.costs = known.read_bytes()

    @rule()
    def begin_anew(self) -> None:
        """The catalog is made again from the objects."""
        self.repository.close()
        for path in (self.root / ".dlv").glob("catalog.db*"):
            path.unlink()
        assert not rebuild(self.root).lost
        self.repository = Repository.open(self.root)

    @rule(ref=versions)
    def take(self, ref: str) -> None:
        """Files come back with the bytes that they had."""
        out = Path(tempfile.mkdtemp())
        self.repository[ref].checkout(out)
        tensors = self.repository[ref].tensors
        for name, array in state_of(self.living[ref]).items():
            assert np.array_equal(tensors[name].numpy(), array)
        shutil.rmtree(out)

    @invariant()
    def the_same_versions(self) -> None:
        assert {str(version.ref) for version in self.repository} == set(self.living)

    @invariant()
    def the_same_names(self) -> None:
        for label, ref in self.labels.items():
            if ref in self.living:
                assert str(self.repository[label].ref) == ref
        for ref, value in self.metrics.items():
            if ref in self.living:
                assert self.repository[ref].metrics["m"] == value

    @rule()
    def sound(self) -> None:
        found = check(self.repository)
        assert found.is_clean, found.damages


RepositoryMachine.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=12,
    suppress_health_check=list(HealthCheck),
)
TestRepository = RepositoryMachine.TestCase
