"""safetensors files, written by the reference implementation and by hand."""

import json
import struct

import ml_dtypes
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

from modelhub.dtypes import NUMPY, numpy_dtype
from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes.layout import MAX_TEXT
from modelhub.recipes.safetensors import CODES, DTYPES, UNREAD_ELSEWHERE, reader, safetensors_header


def file_of(folder, header, data=b"", *, length=None):
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path = folder / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(raw) if length is None else length) + raw + data)
    return path


def entry(begin=0, end=8, shape=(2,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def test_tensors_are_where_the_writer_put_them(tmp_path, tensors_of):
    """Every shape and dtype of the reference implementation, with its metadata."""
    rng = np.random.default_rng(0)
    arrays = {
        "weight": rng.normal(size=(3, 5)).astype(np.float32),
        "half": rng.normal(size=(7,)).astype(np.float16),
        "scalar": np.array(2.5),
        "empty": np.zeros((0, 4), np.int8),
        "flags": np.array([True, False]),
        "größe\n": np.arange(3, dtype=np.uint16),
    }
    path = tmp_path / "model.safetensors"
    save_file(arrays, path, metadata={"format": "np", "x": "y" * 5000})
    layout = reader.read(path)
    assert tensors_of(path, layout) == {
        name: (array.dtype.name, array.shape, array.tobytes()) for name, array in arrays.items()
    }
    assert layout.values == {"format": "np", "x": "y" * MAX_TEXT}
    assert (layout.reader, layout.note) == ("safetensors", "")


@pytest.mark.parametrize("dtype", sorted(set(CODES) - {UNREAD_ELSEWHERE}))
def test_every_dtype_that_torch_writes(tmp_path, tensors_of, dtype):
    """What safetensors writes for torch is read with our name of the dtype."""
    kind = getattr(torch, dtype)
    tensor = torch.arange(24, dtype=torch.uint8)[: 16 if kind.itemsize > 8 else 24]
    path = tmp_path / "model.safetensors"
    save_torch({"t": tensor.view(kind) if dtype != "bool" else tensor > 3}, path)
    (found,) = tensors_of(path, reader.read(path)).values()
    assert found[0] == dtype
    assert len(found[2]) == len(tensor)


def test_every_dtype_has_a_code():
    """What NumPy and ml_dtypes can hold can be written."""
    assert set(CODES) == set(NUMPY)
    assert len(set(DTYPES.values())) == len(DTYPES)


def test_a_dtype_that_we_do_not_know_is_kept_as_bytes(tmp_path, tensors_of):
    """Its tensor is opaque, and the user is told."""
    path = file_of(tmp_path, {"t": entry(0, 3, (6,), "F4\n<b>"), "u": entry(3, 7, (1,))}, bytes(7))
    layout = reader.read(path)
    assert tensors_of(path, layout)["t"] == ("opaque:safetensors.F4__b_", (3,), bytes(3))
    assert "\n" not in layout.note
    assert "are kept as bytes" in layout.note


@pytest.mark.parametrize("length", [1 << 63, (1 << 64) - 1, 1000, 200_000_000])
def test_a_header_longer_than_the_file(tmp_path, length):
    """Nothing is allocated by a number that the file says."""
    with pytest.raises(DamagedFileError, match="says that its header has"):
        reader.read(file_of(tmp_path, b"{}", length=length))


@pytest.mark.parametrize(
    "header",
    [
        b'{"a":%s,"a":%s}' % ((json.dumps(entry()).encode(),) * 2),
        b'{"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}',
        b'{"\\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[]",
        b"\xff\xfe{}",
        b"",
        {"a": entry(0, 6, (2,)), "b": entry(4, 8, (1,))},
        {"a": entry(0, 4, (1,))},
        {"a": entry(0, 4, (1,)), "b": entry(5, 9, (1,))},
        {"a": entry(4, 8, (1,))},
        {"a": entry(0, 80, (20,))},
        {"a": entry(8, 0)},
        {"a": entry(-8, 0)},
        {"a": entry(0, 8, (3,))},
        {"a": entry(0, 8, (-2,))},
        {"a": entry(0, 8, (2.0,))},
        {"a": entry(0, 8, (True, 2))},
        {"a": entry(0, 8, (10**3000,) * 60)},
        {"a": entry(0, 8, (2, *(1,) * 100))},
        {"a": entry(0, 0, (0, 1 << 80))},
        {"a": entry(0, 8, dtype=4)},
        {"a": {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]}},
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8, 8]}},
        {"a": {"dtype": "F32", "shape": [2]}},
        {"a": None},
        {"a": "abc"},
        {"__metadata__": []},
    ],
)
def test_what_breaks_the_rules_is_damage(tmp_path, header):
    """Gaps, overlaps, duplicate keys, impossible numbers."""
    with pytest.raises(DamagedFileError) as caught:
        reader.read(file_of(tmp_path, header, bytes(8)))
    assert len(str(caught.value)) < 1000


def test_names_in_messages_are_short_and_visible(tmp_path):
    """A hostile name does not reach the terminal."""
    with pytest.raises(DamagedFileError) as caught:
        reader.read(file_of(tmp_path, {"\x1b[2J\n" + "x" * 10**5: entry(0, 80)}, bytes(8)))
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()


def test_every_truncation_is_damage(tmp_path):
    """A file that ends early is noticed, wherever it ends."""
    raw = file_of(tmp_path, {"a": entry(), "b": entry(8, 16)}, bytes(16)).read_bytes()
    for size in range(len(raw)):
        (tmp_path / "cut.safetensors").write_bytes(raw[:size])
        with pytest.raises(DamagedFileError):
            reader.read(tmp_path / "cut.safetensors")


def test_files_are_recognised_by_name(tmp_path):
    """The format has no magic."""
    assert reader.claims(tmp_path / "a.SafeTensors", b"")
    assert not reader.claims(tmp_path / "a.bin", b"")


shapes = st.lists(st.integers(0, 4), max_size=3).map(tuple)
tensors = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter("__metadata__".__ne__),
    st.tuples(st.sampled_from(sorted(CODES)), shapes),
    max_size=5,
)


@pytest.mark.property
@given(tensors=tensors)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_our_headers_come_back(tmp_path, tensors_of, tensors):
    """What we write is read as it was, whatever the names."""
    described = [(name, dtype, shape) for name, (dtype, shape) in tensors.items()]
    size = sum(numpy_dtype(d).itemsize * int(np.prod(s, dtype=int)) for _, d, s in described)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_header(described, {"k": "v"}) + bytes(size))
    layout = reader.read(path)
    found = tensors_of(path, layout)
    assert {name: each[:2] for name, each in found.items()} == tensors
    assert layout.values == {"k": "v"}


def test_what_the_format_cannot_hold_is_refused():
    """Opaque dtypes, and the reserved name."""
    with pytest.raises(InputError, match="cannot hold"):
        safetensors_header([("a", "opaque:q", (1,))])
    with pytest.raises(InputError, match="twice"):
        safetensors_header([("a", "bool", (1,)), ("a", "bool", (1,))])
    with pytest.raises(InputError, match="reserved"):
        safetensors_header([("__metadata__", "bool", (1,))], {"a": "b"})


def test_bfloat16_is_ours(tmp_path, tensors_of):
    """The bytes are those of ml_dtypes."""
    array = np.arange(5).astype(ml_dtypes.bfloat16)
    path = file_of(tmp_path, {"a": entry(0, 10, (5,), "BF16")}, array.tobytes())
    assert tensors_of(path, reader.read(path)) == {"a": ("bfloat16", (5,), array.tobytes())}
