"""Tensors, views and values of torch's checkpoints, in both forms of file, without torch."""

import argparse
import pickle
import tracemalloc
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import as_strided

from modelhub.dtypes import numpy_dtype
from modelhub.errors import DamagedFileError
from modelhub.recipes import Layout, NamedTensor, torch_legacy, torch_zip
from modelhub.recipes.pickles import PickleError, Table, UnwelcomeError
from modelhub.recipes.torch_storages import (
    Place,
    describe,
    layout_of,
    unpickle,
)

FORMS = {"torch-zip": torch_zip.reader, "torch-legacy": torch_legacy.reader}
both_forms = pytest.mark.parametrize("form", FORMS)


class Attack:
    """Creates a file when it is loaded."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (f"open({str(self.victim)!r}, 'w').close()",)


def save(path: Path, content: Any, form: str, protocol: int = 2) -> Layout:
    torch.save(
        content,
        path,
        pickle_protocol=protocol,
        _use_new_zipfile_serialization=form == "torch-zip",
    )
    head = path.read_bytes()[:64]
    assert [name for name, reader in FORMS.items() if reader.claims(path, head)] == [form]
    layout = FORMS[form].read(path)
    check(layout)
    return layout


def check(layout: Layout) -> None:
    """What every layout promises."""
    end = 0
    for span in layout.spans:
        assert span.length > 0
        assert span.offset >= end
        end = span.offset + span.length
    assert end <= layout.size
    assert len({tensor.name for tensor in layout.tensors}) == len(layout.tensors)
    for tensor in layout.tensors:
        assert tensor.span is None or layout.spans[tensor.span].dtype == tensor.dtype
        if tensor.span is not None and tensor.view is None:
            assert layout.spans[tensor.span].shape == tensor.shape


def made(path: Path, layout: Layout, tensor: NamedTensor) -> bytes:
    """The bytes of a tensor, by what the layout says of it."""
    if tensor.span is None:
        return b""
    span = layout.spans[tensor.span]
    raw = path.read_bytes()[span.offset : span.offset + span.length]
    if tensor.view is None:
        return raw
    width = numpy_dtype(tensor.dtype).itemsize
    flat = np.frombuffer(raw, f"V{width}")  # numpy cannot stride over all of our dtypes
    strides = [stride * width for stride in tensor.view.strides]
    return as_strided(flat[tensor.view.offset :], tensor.view.shape, strides).tobytes()


def wanted(tensor: torch.Tensor) -> bytes:
    return bytes(tensor.detach().contiguous().clone().view(-1).view(torch.uint8).numpy())


def flattened(value: Any, name: str = "") -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield name, value
        return
    pairs = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list | tuple):
        pairs = enumerate(value)
    for key, each in pairs:
        yield from flattened(each, f"{name}.{key}" if name else str(key))


def assert_found(path: Path, layout: Layout, content: Any) -> None:
    """The layout has the tensors of a checkpoint: names, dtypes, shapes and bytes."""
    expected = dict(flattened(content))
    assert [tensor.name for tensor in layout.tensors] == list(expected)
    for tensor in layout.tensors:
        own = expected[tensor.name]
        assert f"torch.{tensor.dtype}" == str(own.dtype)
        assert tensor.shape == tuple(own.shape)
        assert made(path, layout, tensor) == wanted(own)


def of_pickle(path: Path, raw: bytes, places: dict[str, Place]) -> Layout:
    path.write_bytes(bytes(1000))
    return layout_of(path, "torch-zip", unpickle(raw, 0, len(raw)), places)


def storage(key: str = "k", elements: bytes = b"K\x04", kind: bytes = b"FloatStorage") -> bytes:
    text = b"X" + len(key).to_bytes(4, "little") + key.encode()
    return b"(X\x07\x00\x00\x00storagectorch\n" + kind + b"\n" + text + b"N" + elements + b"tQ"


def tensor(offset: bytes = b"K\x00", shape: bytes = b"K\x04", strides: bytes = b"K\x01") -> bytes:
    head = b"ctorch._utils\n_rebuild_tensor_v2\n("
    return head + storage() + offset + b"(" + shape + b"t(" + strides + b"t\x89}tR"


PLACES = {"k": Place(offset=100, size=16)}


@both_forms
def test_a_state_dict(tmp_path: Path, form: str) -> None:
    """Each parameter and each buffer is a span of its own shape; the zero-dimensional one, too."""
    net = torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.BatchNorm1d(3))
    layout = save(tmp_path / "net.pt", net.state_dict(), form)

    assert_found(tmp_path / "net.pt", layout, net.state_dict())
    assert len(layout.spans) == len(layout.tensors) == 7
    assert all(each.view is None for each in layout.tensors)
    assert (layout.reader, layout.note) == (form, "")


@both_forms
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_checkpoint_with_its_optimizer(tmp_path: Path, form: str, protocol: int) -> None:
    """Nested dictionaries and lists give dotted names; numbers and texts become values."""
    net = torch.nn.Linear(4, 2)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.125)
    net(torch.ones(1, 4)).sum().backward()
    optimizer.step()
    content = {
        "epoch": 3,
        "best": None,
        "tag": "first",
        "model": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "history": [0.5, 0.25],
    }

    layout = save(tmp_path / "c.pt", content, form, protocol)

    assert_found(tmp_path / "c.pt", layout, content)
    assert "optimizer.state.0.exp_avg" in {each.name for each in layout.tensors}
    assert {"epoch": 3, "best": None, "tag": "first", "history.1": 0.25}.items() <= dict(
        layout.values
    ).items()
    assert layout.values["optimizer.param_groups.0.lr"] == 0.125


@both_forms
def test_ties_share_a_span(tmp_path: Path, form: str) -> None:
    """Two names of one tensor are two tensors over one span, without views."""
    weight = torch.arange(6.0).reshape(2, 3)
    layout = save(tmp_path / "t.pt", {"in": weight, "out": weight}, form)

    assert_found(tmp_path / "t.pt", layout, {"in": weight, "out": weight})
    assert [(each.span, each.view) for each in layout.tensors] == [(0, None), (0, None)]
    assert len(layout.spans) == 1


@both_forms
def test_views(tmp_path: Path, form: str) -> None:
    """Slices, transposes, broadcasts and diagonals are views of one span."""
    whole = torch.arange(24.0).reshape(4, 6)
    content = {
        "rows": whole[1:3],
        "columns": whole[:, ::2],
        "turned": whole.T,
        "diagonal": whole.diagonal(),
        "broadcast": whole[2, 3].expand(3, 2),
        "one": whole[3, 5],
        "reshaped": whole.reshape(2, 12),
    }
    layout = save(tmp_path / "v.pt", content, form)

    assert_found(tmp_path / "v.pt", layout, content)
    assert [each.span for each in layout.tensors] == [0] * len(content)
    assert [each.name for each in layout.tensors if each.view is None] == ["reshaped"]


@both_forms
def test_views_without_a_cover(tmp_path: Path, form: str) -> None:
    """A storage that no tensor covers is a flat span."""
    whole = torch.arange(10, dtype=torch.int64)
    layout = save(tmp_path / "v.pt", {"a": whole[:4], "b": whole[2:]}, form)

    assert_found(tmp_path / "v.pt", layout, {"a": whole[:4], "b": whole[2:]})
    assert [span.shape for span in layout.spans] == [(10,)]


@both_forms
@pytest.mark.parametrize(
    "dtype",
    [
        *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
        *(torch.uint16, torch.uint32, torch.uint64, torch.float16, torch.bfloat16),
        *(torch.float32, torch.float64, torch.complex64, torch.complex128),
        *(torch.float8_e4m3fn, torch.float8_e5m2, torch.float8_e4m3fnuz),
        *(torch.float8_e5m2fnuz, torch.float8_e8m0fnu, torch.float4_e2m1fn_x2),
    ],
    ids=str,
)
def test_dtypes(tmp_path: Path, form: str, dtype: torch.dtype) -> None:
    """Every dtype that has a name of ours."""
    size = torch.empty(0, dtype=dtype).element_size()
    raw = torch.arange(6 * size, dtype=torch.uint8) % 2
    content = {"x": raw.view(dtype).reshape(2, 3), "y": raw.view(dtype)[2:5]}
    layout = save(tmp_path / "d.pt", content, form)

    assert_found(tmp_path / "d.pt", layout, content)


@both_forms
@pytest.mark.filterwarnings("ignore:ComplexHalf support", "ignore:torch.quantize_per_tensor")
def test_dtypes_that_we_only_carry(tmp_path: Path, form: str) -> None:
    """Quantised tensors and half-precision complex ones are opaque, of one extent of bytes."""
    content = {
        "half": torch.ones(2, 3, dtype=torch.complex32),
        "q": torch.quantize_per_tensor(torch.ones(2, 3), 0.5, 0, torch.qint8),
        "q32": torch.quantize_per_tensor(torch.ones(2, 3), 0.5, 0, torch.qint32),
        "channels": torch.quantize_per_channel(
            torch.ones(2, 3), torch.ones(2), torch.zeros(2, dtype=torch.int64), 0, torch.quint8
        ),
    }
    layout = save(tmp_path / "q.pt", content, form)
    found = {each.name: (each.dtype, each.shape) for each in layout.tensors}

    assert found == {
        "half": ("opaque:torch.complex32", (24,)),
        "q": ("opaque:torch.qint8", (6,)),
        "q32": ("opaque:torch.qint32", (24,)),
        "channels": ("opaque:torch.quint8", (6,)),
    }
    assert made(tmp_path / "q.pt", layout, layout.tensors[1]) == bytes([2] * 6)
    strided = save(tmp_path / "s.pt", content["half"].T, form)
    assert strided.reader == "whole"
    assert "strided" in strided.note


@both_forms
def test_tensors_without_bytes(tmp_path: Path, form: str) -> None:
    """An empty tensor is named and has no span."""
    content = {"none": torch.empty(0), "rows": torch.empty(0, 3), "cut": torch.ones(4)[4:]}
    layout = save(tmp_path / "e.pt", content, form)

    assert_found(tmp_path / "e.pt", layout, content)
    assert [each.span for each in layout.tensors] == [None, None, None]


@both_forms
def test_a_bare_tensor_parameter_and_storage(tmp_path: Path, form: str) -> None:
    """What stands alone has a name, too; a storage without a tensor is a span without one."""
    bare = save(tmp_path / "b.pt", torch.arange(3.0), form)
    parameter = save(tmp_path / "p.pt", {"p": torch.nn.Parameter(torch.ones(2, 2))}, form)
    untyped = save(tmp_path / "u.pt", torch.arange(3.0).untyped_storage(), form)

    assert [each.name for each in bare.tensors] == ["tensor"]
    assert_found(tmp_path / "p.pt", parameter, {"p": torch.ones(2, 2)})
    assert [(each.dtype, each.shape) for each in untyped.spans] == [("uint8", (12,))]
    assert untyped.tensors == ()


@both_forms
def test_containers_and_harmless_classes(tmp_path: Path, form: str) -> None:
    """Dictionaries of all kinds are looked into; dates, paths, devices and arrays do no harm."""
    content = {
        "default": defaultdict(list, a=torch.ones(1)),
        "ordered": OrderedDict(b=torch.ones(2)),
        "count": Counter("aab"),
        "size": torch.Size((3, 4)),
        "device": torch.device("cuda:1"),
        "dtype": torch.float32,
        "path": PurePosixPath("/some/folder"),
        "arguments": argparse.Namespace(lr=0.5, inner=argparse.Namespace(x="y")),
        "array": np.arange(3),
        "number": np.float64(0.5),
        "set": {7},
        "complex": 1j,
        "slice": slice(1, 2),
        "bytes": b"abc",
        (1, 2): torch.ones(3),
    }
    layout = save(tmp_path / "c.pt", content, form)

    assert layout.reader == form
    assert [each.name for each in layout.tensors] == ["default.a", "ordered.b", "?"]
    assert dict(layout.values) == {
        "count.a": 2,
        "count.b": 1,
        "size.0": 3,
        "size.1": 4,
        "device": "cuda:1",
        "path": "/some/folder",
        "arguments.lr": 0.5,
        "arguments.inner.x": "y",
        "set.0": 7,
    }


@both_forms
def test_equal_names_are_told_apart(tmp_path: Path, form: str) -> None:
    """`a` in `b` and `b.a` are two tensors and two values."""
    content = {"b": {"a": torch.ones(1), "v": 1}, "b.a": torch.ones(2), "b.v": 2}
    layout = save(tmp_path / "n.pt", content, form)

    assert [each.name for each in layout.tensors] == ["b.a", "b.a#2"]
    assert dict(layout.values) == {"b.v": 1, "b.v#2": 2}


@both_forms
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code")
def test_modules_are_stored_whole(tmp_path: Path, form: str) -> None:
    """A pickled module asks for its class, which is not on the list."""
    layout = save(tmp_path / "m.pt", torch.nn.Linear(2, 2), form)

    assert layout.reader == "whole"
    assert layout.note == "asks for torch.nn.modules.linear.Linear; stored whole"
    assert (layout.spans, layout.tensors) == ((), ())
    assert layout.size == (tmp_path / "m.pt").stat().st_size


@both_forms
def test_nothing_is_executed(tmp_path: Path, form: str) -> None:
    """A checkpoint that creates a file when it is loaded creates none when it is read."""
    victim = tmp_path / "victim"
    content = {"w": torch.ones(2), "x": Attack(victim)}
    layout = save(tmp_path / "a.pt", content, form)

    assert not victim.exists()
    assert layout.reader == "whole"
    assert "exec" in layout.note
    torch.load(tmp_path / "a.pt", weights_only=False)
    assert victim.exists()


@both_forms
def test_conjugated_tensors_are_stored_whole(tmp_path: Path, form: str) -> None:
    """A tensor whose bytes are not its elements is not taken for them."""
    conjugated = torch.ones(2, dtype=torch.complex64).conj()

    assert save(tmp_path / "c.pt", {"x": conjugated}, form).reader == "whole"


def test_shared_values_do_not_blow_up() -> None:
    """A few hundred bytes that stand for 10**40 values are refused after a short walk."""
    raw = b"]q\x00" + b"".join(
        b"](" + b"h%c" % level * 10 + b"eq%c" % (level + 1) for level in range(40)
    )
    tracemalloc.start()
    try:
        with pytest.raises(UnwelcomeError, match=r"more than [\d,]+ names"):
            describe(unpickle(raw + b".", 0, len(raw) + 1))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_values_that_hold_themselves() -> None:
    """A list and an object that hold themselves are walked once."""
    ring = b"]q\x00(K\x07h\x00e."
    loop = b"cargparse\nNamespace\n)Rq\x00}X\x01\x00\x00\x00xh\x00sX\x01\x00\x00\x00yK\x07sb."

    assert describe(unpickle(ring, 0, len(ring))).values == {"0": 7}
    assert describe(unpickle(loop, 0, len(loop))).values == {"y": 7}


def test_dictionaries_of_python_2() -> None:
    """An ordered dictionary may be given its pairs at once."""
    raw = b"ccollections\nOrderedDict\n(](](U\x01aK\x01eK\x02etR."

    found = describe(unpickle(raw, 0, len(raw)))

    assert found.values["a"] == 1


def test_numbers_of_values_and_lengths_of_texts_are_limited(tmp_path: Path) -> None:
    """A thousand values, a thousand characters."""
    layout = save(tmp_path / "v.pt", {str(i): "x" * 2000 for i in range(1500)}, "torch-zip")

    assert len(layout.values) == 1000
    assert {len(str(value)) for value in layout.values.values()} == {1000}


def test_a_view_is_checked(tmp_path: Path) -> None:
    """One element further and the tensor is outside of its storage."""
    inside = of_pickle(tmp_path / "f", tensor(b"K\x01", b"K\x02", b"K\x02") + b".", PLACES)

    assert inside.tensors[0].view is not None
    with pytest.raises(DamagedFileError, match="outside its storage"):
        of_pickle(tmp_path / "f", tensor(b"K\x02", b"K\x02", b"K\x02") + b".", PLACES)


@pytest.mark.parametrize(
    "raw",
    [
        tensor(offset=b"J\xff\xff\xff\xff"),
        tensor(strides=b"J\xff\xff\xff\xff"),
        tensor(shape=b"J\xff\xff\xff\xff"),
        tensor(shape=b"\x8a\x09" + b"\xff" * 8 + b"\x00"),
        tensor(shape=b"K\x01K\x01"),
        tensor(shape=b"K\x01" * 100, strides=b"K\x01" * 100),
        tensor(shape=b"N"),
        tensor(shape=b"\x88"),
        b"ctorch._utils\n_rebuild_tensor\n)R",
        b"ctorch._utils\n_rebuild_tensor\n(NK\x00))tR",
        b"NQ",
        b"Pk\n",
        storage(elements=b"J\xff\xff\xff\xff"),
        storage(elements=b"N"),
        b"(" + storage() + storage(elements=b"K\x05") + b"t",
    ],
)
def test_impossible_descriptions(raw: bytes) -> None:
    """Negative or huge numbers, wrong types, two sizes of one storage."""
    with pytest.raises(PickleError):
        unpickle(raw + b".", 0, len(raw) + 1)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (storage(kind=b"StrangeStorage"), "torch.StrangeStorage"),
        (storage(kind=b"float32"), "torch.float32"),
        (storage().replace(b"ctorch\n", b"cother\n"), "other.FloatStorage"),
        (storage().replace(b"NK\x04", b"NK\x04(K\x00t"), "a view of a storage"),
        (b"(X\x06\x00\x00\x00modulecmy\nNet\nNNtQ", "my.Net"),
        (tensor().replace(b"\x89}", b"\x89}K\x01K\x02s"), "hooked"),
        (b"ctorch.storage\n_load_from_bytes\n(C\x00tR", "torch.storage._load_from_bytes"),
        (b"ctorch._utils\n_rebuild_sparse_tensor\n)R", "_rebuild_sparse_tensor"),
    ],
)
def test_unwelcome_descriptions(raw: bytes, message: str) -> None:
    """What we do not know is named, so that the note can say it."""
    with pytest.raises(UnwelcomeError, match=message):
        unpickle(raw + b".", 0, len(raw) + 1)


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({}, "missing"),
        ({"k": Place(offset=0, size=15)}, "15 bytes and should have 16"),
        ({"k": Place(offset=0, size=20)}, "20 bytes and should have 16"),
    ],
)
def test_storages_are_checked(tmp_path: Path, places: dict[str, Place], message: str) -> None:
    """A storage that is not there, or is not as long as the pickle says."""
    with pytest.raises(DamagedFileError, match=message):
        of_pickle(tmp_path / "f", tensor() + b".", places)


def test_messages_are_one_plain_line(tmp_path: Path) -> None:
    """A name with control characters and without end is shown short and escaped."""
    raw = tensor().replace(b"X\x01\x00\x00\x00k", b"X\xd2\x00\x00\x00\x1b[31m\nevil" + b"x" * 200)

    with pytest.raises(DamagedFileError) as raised:
        of_pickle(tmp_path / "f", raw + b".", {})
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 400 + len(str(tmp_path))


def test_a_storage_under_two_dtypes(tmp_path: Path) -> None:
    """Bytes that are seen as numbers of two types are kept once; the note says what has no name."""
    other = (
        tensor()
        .replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v3")
        .replace(b"\x89}tR", b"\x89}ctorch\nint32\ntR")
    )
    layout = of_pickle(tmp_path / "f", b"(" + tensor() + other + b"t.", PLACES)

    assert [(each.dtype, each.shape) for each in layout.spans] == [("float32", (4,))]
    assert [each.name for each in layout.tensors] == ["0"]
    assert "several dtypes" in layout.note


def test_tables_have_pairs() -> None:
    """What a pickle gives for a pair and is none has no name."""
    assert list(Table([(1, 2), [3, 4], 5]).items()) == [(1, 2), (3, 4), (None, 5)]
