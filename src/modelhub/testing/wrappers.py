"""What every `modelhub.wrappers.Wrapper` does."""

from pathlib import Path
from random import Random

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing.claims import Claimant, ClaimsContract
from modelhub.testing.damage import copy_of, damaged
from modelhub.wrappers import Recording, Wrapper

ROUNDS = 200  # damaged files an example


class WrapperContract(ClaimsContract):
    """Inherit, define `wrapper` and `make_files`, and run it with pytest."""

    @pytest.fixture
    def wrapper(self) -> Wrapper:
        """The wrapper under test."""
        raise NotImplementedError

    @pytest.fixture
    def claimant(self, wrapper: Wrapper) -> Claimant:
        """The wrapper, which recognises files."""
        return wrapper

    def test_reading_is_repeatable(self, wrapper: Wrapper, files: list[Path]) -> None:
        """A file says something, the same each time, and is not changed."""
        for path in files:
            before = path.read_bytes()
            first, second = Recording(), Recording()
            wrapper.read(path, first)
            wrapper.read(path, second)

            assert first.hyperparameters or first.metrics, path.name
            assert repr(vars(first)) == repr(vars(second)), path.name
            assert path.read_bytes() == before, path.name

    def test_what_it_says_is_plain(self, wrapper: Wrapper, files: list[Path]) -> None:
        """Names are texts; settings are JSON's scalars, or flat lists of them; metrics, numbers."""
        for path in files:
            sink = _Strict()
            wrapper.read(path, sink)

    def test_a_file_that_is_being_written_is_read(
        self, wrapper: Wrapper, files: list[Path], tmp_path: Path
    ) -> None:
        """Cut off anywhere, a file is read as far as it goes, or is damaged."""
        for path in files:
            raw = path.read_bytes()
            for size in range(0, len(raw), max(1, len(raw) // ROUNDS)):
                _read_damaged(wrapper, copy_of(tmp_path, path, raw[:size]))

    def test_damaged_files_are_refused_or_harmless(
        self, wrapper: Wrapper, files: list[Path], tmp_path: Path
    ) -> None:
        """Whatever the bytes, nothing is raised but DamagedFileError."""
        random = Random(7)  # noqa: S311 - repeatable, not secret
        for path in files:
            for _ in range(ROUNDS):
                _read_damaged(wrapper, copy_of(tmp_path, path, damaged(path.read_bytes(), random)))


class _Strict:
    """A sink that refuses what a repository could not keep."""

    def hyperparameter(self, key: str, value: object) -> None:
        assert isinstance(key, str)
        values = value if isinstance(value, list | tuple) else [value]
        assert all(each is None or isinstance(each, str | int | float) for each in values), key

    def metric(self, key: str, value: float, *, step: float | None = None) -> None:
        assert isinstance(key, str)
        assert isinstance(value, int | float), key
        assert step is None or isinstance(step, int | float), key

    def note(self, text: str) -> None:
        assert isinstance(text, str)
        assert text.isprintable(), text


def _read_damaged(wrapper: Wrapper, path: Path) -> None:
    assert isinstance(wrapper.claims(path), bool)
    try:
        wrapper.read(path, _Strict())
    except DamagedFileError as error:
        assert "\n" not in str(error)  # noqa: PT017 - it may not be raised at all
