"""What every `modelhub.evaluation.DataFormat` does."""

import re
import shutil
from pathlib import Path
from random import Random

import numpy as np
import pytest

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.evaluation import Batch, DataFormat, DataOptions, DataSource
from modelhub.testing.damage import damaged

SIZES = (1, 2, 3, 1000)  # of batches
ROUNDS = 100  # damaged copies
CONTENT = re.compile(r"[0-9a-f]{64}")


class DataFormatContract:
    """Inherit, define `data_format` and `make_data`, and run it with pytest."""

    @pytest.fixture
    def data_format(self) -> DataFormat:
        """The format under test."""
        raise NotImplementedError

    def make_data(self, folder: Path) -> Path:
        """A sound file or folder of its kind, in a folder that is empty: at least 5 examples."""
        raise NotImplementedError

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        """A sound file or folder."""
        place = tmp_path / "sound"
        place.mkdir()
        return self.make_data(place)

    def test_its_fields_are_told_before_they_are_read(
        self, data_format: DataFormat, data: Path
    ) -> None:
        """Names are texts; dtypes are known, or None for decimals; shapes are of one example."""
        fields = _opened(data_format, data).fields

        assert fields
        for name, field in fields.items():
            assert isinstance(name, str)
            assert field.dtype is None or field.dtype in NUMPY, name
            assert min(field.shape, default=0) >= 0, name

    def test_batches_are_what_the_fields_say(self, data_format: DataFormat, data: Path) -> None:
        """Rows of the told shape and dtype, as many in each field, of the wanted fields only."""
        source = _opened(data_format, data)
        for size in SIZES:
            for batch in source.batches(size, list(source.fields)):
                assert list(batch) == list(source.fields)
                assert len({len(array) for array in batch.values()}) == 1
                for name, array in batch.items():
                    field = source.fields[name]
                    assert 1 <= len(array) <= size
                    assert array.shape[1:] == field.shape, name
                    assert field.dtype in (None, array.dtype.name), name
        for name, field in source.fields.items():
            (alone,) = source.batches(1000, [name])
            assert list(alone) == [name]
            assert field.count in (None, len(alone[name]))

    def test_the_examples_are_the_same_however_they_are_cut(
        self, data_format: DataFormat, data: Path
    ) -> None:
        """In order, again and again; only the last batch is smaller than what was asked for."""
        source = _opened(data_format, data)
        wanted = _together(source, 1000)
        count = len(next(iter(wanted.values())))

        assert count >= 5, "make_data gives at least 5 examples"  # noqa: PLR2004 - said above
        for size in SIZES:
            found = _together(source, size)
            sizes = [_rows(each) for each in source.batches(size, list(source.fields))]

            assert sizes == [size] * (count // size) + [count % size] * (count % size > 0)
            assert all(_is_equal(found[name], wanted[name]) for name in wanted)

    def test_the_id_is_that_of_the_data(self, data_format: DataFormat, data: Path) -> None:
        """The same for the same bytes elsewhere; reading changes neither it nor them."""
        before = _bytes(data)
        source = _opened(data_format, data)
        _together(source, 2)
        elsewhere = _copied(data, data.parent.parent / "elsewhere")
        other = _opened(data_format, elsewhere)
        _together(other, 3)

        assert CONTENT.fullmatch(source.content())
        assert other.content() == source.content()
        assert _bytes(data) == before

    def test_damaged_data_are_refused_or_harmless(
        self, data_format: DataFormat, data: Path, tmp_path: Path
    ) -> None:
        """Cut off or changed anywhere, nothing is raised but InputError, in one line."""
        random = Random(11)  # noqa: S311 - repeatable, not secret
        copy = _copied(data, tmp_path / "damaged")
        files = _files(copy)
        for number in range(ROUNDS):
            path = random.choice(files)
            sound = path.read_bytes()
            cut = sound[: random.randrange(len(sound))]
            path.write_bytes(cut if number % 2 else damaged(sound, random))
            try:
                _together(_opened(data_format, copy), 3)
            except InputError as error:
                assert "\n" not in str(error)  # noqa: PT017 - it may not be raised at all
            path.write_bytes(sound)


def _opened(data_format: DataFormat, data: Path) -> DataSource:
    return data_format.open(data, [], DataOptions())


def _together(source: DataSource, size: int) -> Batch:
    """All examples."""
    parts = list(source.batches(size, list(source.fields)))
    return {name: np.concatenate([part[name] for part in parts]) for name in source.fields if parts}


def _rows(batch: Batch) -> int:
    return len(next(iter(batch.values())))


def _is_equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Bit for bit, so that NaN is NaN."""
    return (
        one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()
    )


def _files(data: Path) -> list[Path]:
    return sorted(each for each in data.rglob("*") if each.is_file()) if data.is_dir() else [data]


def _bytes(data: Path) -> list[bytes]:
    return [each.read_bytes() for each in _files(data)]


def _copied(data: Path, folder: Path) -> Path:
    folder.mkdir()
    place = folder / data.name
    if data.is_dir():
        shutil.copytree(data, place)
    else:
        shutil.copyfile(data, place)
    return place
