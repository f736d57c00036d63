"""What every `modelhub.wrappers.NetworkReader` and `Runner` does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.identity import tensor_hasher
from modelhub.network import Network, network_bytes, parse_network
from modelhub.testing.claims import Claimant, ClaimsContract
from modelhub.testing.damage import copy_of, damaged
from modelhub.wrappers import Captured, NetworkReader, Reloadable, Runner

ROUNDS = 100  # damaged files an example


class NetworkReaderContract(ClaimsContract):
    """Inherit, define `reader` and `make_files`, and run it with pytest."""

    rounds = ROUNDS

    @pytest.fixture
    def reader(self) -> NetworkReader:
        """The reader under test."""
        raise NotImplementedError

    @pytest.fixture
    def claimant(self, reader: NetworkReader) -> Claimant:
        """The reader, which recognises files."""
        return reader

    def test_networks_can_be_stored(self, reader: NetworkReader, files: list[Path]) -> None:
        """They keep the rules of the format, and come back from it."""
        for path in files:
            raw = network_bytes(reader.read(path).network)

            assert network_bytes(parse_network(raw)) == raw, path.name

    def test_reading_is_repeatable(self, reader: NetworkReader, files: list[Path]) -> None:
        """A file describes the same network each time, and is not changed."""
        for path in files:
            before = path.read_bytes()
            first, second = reader.read(path), reader.read(path)

            assert network_bytes(first.network) == network_bytes(second.network), path.name
            assert list(first.notes) == list(second.notes), path.name
            assert path.read_bytes() == before, path.name

    def test_the_values_that_it_keeps_are_there(
        self, reader: NetworkReader, files: list[Path]
    ) -> None:
        """Each tensor that a state names comes with the network, under the id of its value."""
        for path in files:
            _check_values(reader.read(path))

    def test_what_it_tells_is_one_line(self, reader: NetworkReader, files: list[Path]) -> None:
        """Notes can be printed."""
        for path in files:
            for note in reader.read(path).notes:
                assert note.isprintable(), path.name

    def test_damaged_files_are_refused_or_harmless(
        self, reader: NetworkReader, files: list[Path], tmp_path: Path
    ) -> None:
        """Cut off or changed anywhere, a file gives a network, or an InputError in one line."""
        random = Random(13)  # noqa: S311 - repeatable, not secret
        for path in files:
            sound = path.read_bytes()
            for number in range(self.rounds):
                cut = sound[: random.randrange(len(sound) + 1)]
                raw = cut if number % 2 else damaged(sound, random)
                _read_damaged(reader, copy_of(tmp_path, path, raw))


def _check_values(captured: Captured) -> None:
    for state in captured.network.states:
        if state.tensor is None:
            continue
        dtype, shape, data = captured.tensors[state.tensor]
        hasher = tensor_hasher(dtype, shape)
        hasher.update(data)
        assert (dtype, tuple(shape)) == (state.dtype, tuple(state.shape)), state.name
        assert hasher.hexdigest() == state.tensor, state.name


def _read_damaged(reader: NetworkReader, path: Path) -> None:
    assert isinstance(reader.claims(path), bool)
    try:
        network_bytes(reader.read(path).network)
    except InputError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it may not be raised at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Runnable:
    """A version that a runner can load.

    Attributes:
        network: not partial.
        weights: by state name; none for a runner that needs files.
        files: by path; none for a runner that needs no files.
        batch: what it is asked, by input.
    """

    network: Network
    batch: Mapping[str, npt.NDArray[Any]]
    weights: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


class _Stored:
    """A weight as a repository gives it."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self._array = np.ascontiguousarray(array)
        self.dtype = self._array.dtype.name
        self.shape = array.shape

    def read_into(self, out: memoryview) -> None:
        out[:] = self._array.reshape(-1).view(np.uint8).data


class RunnerContract:
    """Inherit, define `runner` and `make_runnable`, and run it with pytest."""

    @pytest.fixture
    def runner(self) -> Runner:
        """The runner under test."""
        raise NotImplementedError

    def make_runnable(self, folder: Path) -> Runnable:
        """A small version that it can run; files are written into a folder."""
        raise NotImplementedError

    @pytest.fixture
    def runnable(self, tmp_path: Path) -> Runnable:
        """A small version."""
        return self.make_runnable(tmp_path)

    def test_it_says_what_it_needs(self, runner: Runner, runnable: Runnable) -> None:
        """Files, or weights."""
        assert isinstance(runner.needs_files, bool)
        assert bool(runnable.files) == runner.needs_files

    def test_its_inputs_are_the_network_s(self, runner: Runner, runnable: Runnable) -> None:
        """By name, in order."""
        model = _loaded(runner, runnable)

        assert len(model.inputs) == len(runnable.network.inputs)
        assert set(model.inputs) == set(runnable.batch)

    def test_it_gives_arrays(self, runner: Runner, runnable: Runnable) -> None:
        """The same each time; the batch is not written to."""
        model = _loaded(runner, runnable)
        given = {name: array.copy() for name, array in runnable.batch.items()}
        first, second = model(given), model(given)

        assert first
        assert all(isinstance(each, np.ndarray) for each in first)
        assert [each.tobytes() for each in first] == [each.tobytes() for each in second]
        assert all(np.array_equal(given[name], runnable.batch[name]) for name in given)

    def test_inputs_that_do_not_fit_are_refused(self, runner: Runner, runnable: Runnable) -> None:
        """One is missing, unknown, of another dtype, or has an axis too many: one line."""
        model = _loaded(runner, runnable)
        (name, array), *rest = runnable.batch.items()
        other = np.complex64 if array.dtype != np.complex64 else np.float32
        for wrong in (
            dict(rest),
            {**runnable.batch, "no such input": array},
            {**runnable.batch, name: array.astype(other)},
            {**runnable.batch, name: array[..., None]},
        ):
            with pytest.raises(InputError) as caught:
                model(wrong)
            assert "\n" not in str(caught.value)

    def test_weights_that_do_not_fit_are_named(self, runner: Runner, runnable: Runnable) -> None:
        """What is missing, and what has another shape."""
        if runner.needs_files:
            return  # they are in the files
        weights = {name: _Stored(each) for name, each in runnable.weights.items()}
        for name, weight in weights.items():
            taller = np.zeros((*weight.shape, 2), numpy_dtype(weight.dtype))
            absent = {key: each for key, each in weights.items() if key != name}
            for wrong in (absent, {**weights, name: _Stored(taller)}):
                with pytest.raises(InputError, match=name):
                    runner.load(runnable.network, wrong, {})

    def test_other_weights_take_the_place_of_the_first(
        self, runner: Runner, runnable: Runnable
    ) -> None:
        """A model that can be loaded again computes as one that is loaded anew."""
        model = _loaded(runner, runnable)
        if not isinstance(model, Reloadable) or not runnable.weights:
            return
        other = {name: each + each.dtype.type(1) for name, each in runnable.weights.items()}
        anew = runner.load(runnable.network, {k: _Stored(v) for k, v in other.items()}, {})
        before = model(runnable.batch)
        model.reload({name: _Stored(each) for name, each in other.items()})
        after = model(runnable.batch)

        assert [each.tobytes() for each in after] == [
            each.tobytes() for each in anew(runnable.batch)
        ]
        assert [each.tobytes() for each in after] != [each.tobytes() for each in before]

    def test_a_version_without_its_files_is_refused(
        self, runner: Runner, runnable: Runnable
    ) -> None:
        """A runner that needs files says so, in one line."""
        if not runner.needs_files:
            return
        with pytest.raises(InputError) as caught:
            runner.load(runnable.network, {}, {})

        assert "\n" not in str(caught.value)


def _loaded(runner: Runner, runnable: Runnable) -> Any:
    weights = {name: _Stored(each) for name, each in runnable.weights.items()}
    return runner.load(runnable.network, weights, runnable.files)
