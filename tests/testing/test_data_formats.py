"""Our formats of data keep the contract, and it finds those that break it."""
# ruff: noqa: ARG002 - the signatures of the protocol

import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image
from pyarrow import parquet
from safetensors.numpy import save_file

from modelhub.errors import InputError
from modelhub.evaluation import DATA_SOURCES, Field
from modelhub.testing import DataFormatContract

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 2, 3)).astype(np.float32)
Y = np.arange(7)


class Ours(DataFormatContract):
    name = ""

    @pytest.fixture
    def data_format(self):
        return DATA_SOURCES.get(self.name)


class TestNpz(Ours):
    name = "npz"

    def make_data(self, folder):
        np.savez_compressed(folder / "a.npz", x=X, y=Y)
        return folder / "a.npz"


class TestStoredNpz(Ours):
    name = "npz"

    def make_data(self, folder):
        np.savez(folder / "a.npz", x=X, y=Y)
        return folder / "a.npz"


class TestNpy(Ours):
    name = "npy"

    def make_data(self, folder):
        np.save(folder / "a.npy", X)
        return folder / "a.npy"


class TestSafetensors(Ours):
    name = "tensors"

    def make_data(self, folder):
        save_file({"x": X, "y": Y}, folder / "a.safetensors")
        return folder / "a.safetensors"


class TestTorch(Ours):
    name = "tensors"

    def make_data(self, folder):
        torch.save({"x": torch.from_numpy(X), "y": torch.from_numpy(Y)}, folder / "a.pt")
        return folder / "a.pt"


class TestCsv(Ours):
    name = "csv"

    def make_data(self, folder):
        rows = [f"{a},{b:.3f},{'cat' if a % 2 else 'ant'}" for a, b in enumerate(X[:, 0, 0])]
        (folder / "a.csv").write_text("\n".join(["a,b,label", *rows, ""]))
        return folder / "a.csv"


class TestTsv(Ours):
    name = "tsv"

    def make_data(self, folder):
        (folder / "a.tsv").write_text("a\ty\n" + "".join(f"{i / 3}\t{i}\n" for i in range(6)))
        return folder / "a.tsv"


class TestParquet(Ours):
    name = "parquet"

    def make_data(self, folder):
        table = pa.table({"x": list(X.reshape(7, 6)), "label": Y})
        parquet.write_table(table, folder / "a.parquet", row_group_size=3)
        return folder / "a.parquet"


class TestImages(Ours):
    name = "images"

    def make_data(self, folder):
        for i in range(6):
            path = folder / "digits" / "ab"[i % 2] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(RNG.integers(0, 256, (4, 4), np.uint8)).save(path)
        return folder / "digits"


class Lines:
    """A number a line."""

    def open(self, path, wanted, options):
        return LinesSource(path)


class LinesSource:
    classes = ()

    def __init__(self, path):
        self.path = path
        try:
            self.rows = [int(line) for line in path.read_text().splitlines()]
        except ValueError:
            raise InputError(f"{path} is no list of numbers") from None
        self.fields = {"x": Field(dtype="int64", shape=(), count=len(self.rows))}

    def batches(self, size, fields):
        for start in range(0, len(self.rows), size):
            try:
                rows = np.array(self.rows[start : start + size], np.int64)
            except OverflowError:
                raise InputError(f"{self.path}: a number is too large") from None
            yield dict.fromkeys(fields, rows)

    def content(self):
        import hashlib

        return hashlib.sha256(self.path.read_bytes()).hexdigest()


class TestLines(DataFormatContract):
    """A format that keeps the contract passes."""

    @pytest.fixture
    def data_format(self):
        return Lines()

    def make_data(self, folder):
        (folder / "a.txt").write_text("".join(f"{i}\n" for i in range(11)))
        return folder / "a.txt"


def of(source):
    class Broken:
        def open(self, path, wanted, options):
            return source(path)

    return Broken()


class Unknown(LinesSource):
    def __init__(self, path):
        super().__init__(path)
        self.fields = {"x": Field(dtype="number", shape=())}


class Narrow(LinesSource):
    def batches(self, size, fields):
        for batch in super().batches(size, fields):
            yield {name: array.astype(np.int32) for name, array in batch.items()}


class Generous(LinesSource):
    def batches(self, size, fields):
        return super().batches(size + 1, fields)


class Once(LinesSource):
    def batches(self, size, fields):
        yield from super().batches(size, fields)
        self.rows = []


class Placed(LinesSource):
    def content(self):
        return f"{abs(hash(str(self.path))):064x}"


class Fragile(LinesSource):
    def __init__(self, path):
        self.path = path
        self.rows = [int(line) for line in path.read_text().splitlines()]
        self.fields = {"x": Field(dtype="int64", shape=(), count=len(self.rows))}


@pytest.mark.parametrize(
    ("test", "broken"),
    [
        ("test_its_fields_are_told_before_they_are_read", Unknown),
        ("test_batches_are_what_the_fields_say", Narrow),
        ("test_the_examples_are_the_same_however_they_are_cut", Generous),
        ("test_the_examples_are_the_same_however_they_are_cut", Once),
        ("test_the_id_is_that_of_the_data", Placed),
        ("test_damaged_data_are_refused_or_harmless", Fragile),
    ],
)
def test_what_breaks_the_contract_fails(tmp_path, test, broken):
    """Each of its tests can fail."""
    contract = TestLines()
    (tmp_path / "sound").mkdir()
    data = contract.make_data(tmp_path / "sound")
    more = {"tmp_path": tmp_path} if test.startswith("test_damaged") else {}
    with pytest.raises((AssertionError, ValueError, KeyError)) as caught:
        getattr(contract, test)(of(broken), data, **more)
    assert not isinstance(caught.value, InputError)
