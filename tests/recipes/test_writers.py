"""Files that we write, read by those who know the formats."""

import io
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_safetensors

from modelhub.dtypes import NUMPY
from modelhub.errors import InputError
from modelhub.recipes import OutgoingTensor, write_npz, write_safetensors, write_torch
from modelhub.recipes.npy import npz_reader
from modelhub.recipes.torch_zip import reader as torch_reader

RNG = np.random.default_rng(0)
ARRAYS = {
    "weight": RNG.normal(size=(3, 4, 5)).astype(np.float32),
    "größe.\n": RNG.normal(size=7),
    "half": np.float16([1, -0.0, np.inf, np.nan]),
    "scalar": np.array(3, np.int64),
    "empty": np.zeros((0, 3), np.int32),
    "flags": np.array([[True], [False]]),
    "bytes": np.arange(256, dtype=np.uint8),
    "complex": np.complex64([1 + 2j]),
}


def outgoing(name, array):
    raw = array.tobytes()

    def parts():
        return (raw[i : i + 100] for i in range(0, len(raw), 100))

    return OutgoingTensor(name=name, dtype=array.dtype.name, shape=array.shape, parts=parts)


def written(write, arrays):
    file = io.BytesIO()
    write(file, [outgoing(name, array) for name, array in arrays.items()])
    file.seek(0)
    return file


def same(one, other):
    assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())


def test_torch_loads_our_files():
    """Without executing anything."""
    found = torch.load(written(write_torch, ARRAYS), weights_only=True)
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        same(found[name].numpy(), array)


def test_torch_loads_every_dtype_that_we_write():
    """The others are refused, and the way out is said."""
    for name in NUMPY:
        array = np.frombuffer(bytes(range(1, 33)), NUMPY[name] if name != "bool" else np.uint8)
        tensor = OutgoingTensor(
            name="t", dtype=name, shape=array.shape, parts=lambda array=array: [array.tobytes()]
        )
        file = io.BytesIO()
        if name.startswith(("float8", "uint16", "uint32", "uint64")):
            with pytest.raises(InputError, match="--as safetensors"):
                write_torch(file, [tensor])
            assert not file.getvalue()
            continue
        write_torch(file, [tensor])
        file.seek(0)
        found = torch.load(file, weights_only=True)["t"]
        assert str(found.dtype) == f"torch.{name}"
        if name != "bool":
            assert found.view(torch.uint8).numpy().tobytes() == array.tobytes()


def test_numpy_loads_our_archives():
    """Without pickles."""
    with np.load(written(write_npz, ARRAYS), allow_pickle=False) as found:
        assert found.files == list(ARRAYS)
        for name, array in ARRAYS.items():
            same(found[name], array)


def test_safetensors_loads_our_files():
    """By the reference implementation."""
    found = load_safetensors(written(write_safetensors, ARRAYS).getvalue())
    for name, array in ARRAYS.items():
        same(found[name], array)


@pytest.mark.parametrize("write", [write_torch, write_npz, write_safetensors])
def test_equal_tensors_make_equal_files(write):
    """No clock, no random name."""
    one, other = written(write, ARRAYS), written(write, ARRAYS)
    assert one.getvalue() == other.getvalue()


@pytest.mark.parametrize("write", [write_torch, write_npz, write_safetensors])
def test_nothing_at_all(write):
    """A model without tensors is a file, too."""
    assert written(write, {}).getvalue()


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0/"), min_size=1)


@pytest.mark.property
@given(st.dictionaries(names, st.lists(st.integers(0, 3), max_size=3), max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_our_readers_read_our_files(tmp_path, tensors_of, shapes):
    """Whatever the names."""
    arrays = {name: RNG.normal(size=tuple(shape)) for name, shape in shapes.items()}
    wanted = {name: (a.dtype.name, a.shape, a.tobytes()) for name, a in arrays.items()}
    for write, reader in ((write_npz, npz_reader), (write_torch, torch_reader)):
        path = tmp_path / "file.pt"
        path.write_bytes(written(write, arrays).getvalue())
        assert tensors_of(path, reader.read(path)) == wanted


def test_what_a_format_cannot_hold_is_refused():
    """Before anything is written."""
    opaque = OutgoingTensor(name="q", dtype="opaque:q", shape=(2,), parts=lambda: [b"ab"])
    half = OutgoingTensor(name="h", dtype="bfloat16", shape=(1,), parts=lambda: [b"ab"])
    zero = OutgoingTensor(name="a\0b", dtype="int8", shape=(2,), parts=lambda: [b"ab"])
    other = OutgoingTensor(name="c", dtype="complex128", shape=(0,), parts=list)
    for write, tensor in (
        (write_npz, opaque),
        (write_npz, half),
        (write_npz, zero),
        (write_torch, opaque),
        (write_safetensors, opaque),
        (write_safetensors, other),
    ):
        file = io.BytesIO()
        with pytest.raises(InputError):
            write(file, [tensor])
        assert not file.getvalue()


def test_names_in_archives_are_not_files(tmp_path):
    """A hostile name stands in the archive as it is; whoever unpacks it strips it."""
    path = tmp_path / "in" / "a.npz"
    path.parent.mkdir()
    path.write_bytes(written(write_npz, {"../../x": np.zeros(2)}).getvalue())
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "in")
    assert not (tmp_path / "x.npy").exists()


def test_the_length_of_an_outgoing_tensor():
    """It is what its parts give."""
    tensor = outgoing("w", ARRAYS["weight"])
    assert tensor.length == sum(map(len, tensor.parts())) == 240
