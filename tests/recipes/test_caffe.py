"""Caffe's weights, in both versions of the format."""

import numpy as np
import pytest

from modelhub.errors import DamagedFileError
from modelhub.recipes.caffe import caffe_blob_name, reader

RNG = np.random.default_rng(7)


def varint(value: int) -> bytes:
    found = b""
    while value > 0x7F:
        found, value = found + bytes([value & 0x7F | 0x80]), value >> 7
    return found + bytes([value])


def field(number: int, raw: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def blob(array: np.ndarray, *, old: bool = False) -> bytes:
    number = 8 if array.dtype == np.float64 else 5
    if old:
        extents = (*[1] * (4 - array.ndim), *array.shape)
        head = b"".join(bytes([8 * n + 8]) + varint(e) for n, e in enumerate(extents))
    else:
        head = field(7, field(1, b"".join(map(varint, array.shape))))
    return head + field(number, array.tobytes())


def layer(name: str, kind: str, *blobs: bytes) -> bytes:
    inside = field(1, name.encode()) + field(2, kind.encode())
    return field(100, inside + b"".join(field(7, each) for each in blobs))


def array(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return RNG.normal(size=shape).astype(dtype)


def read(folder, raw: bytes, name: str = "lenet_iter_1000.caffemodel"):
    path = folder / name
    path.write_bytes(raw)
    return path, reader.read(path)


def test_blobs_are_tensors(tmp_path, tensors_of):
    """Floats and doubles; a name for each place."""
    weight, bias, more = array(20, 1, 5, 5), array(20, dtype=np.float64), array(3)
    raw = field(1, b"LeNet") + layer("conv1", "Convolution", blob(weight), blob(bias), blob(more))
    raw += layer("relu1", "ReLU") + layer("bn", "BatchNorm", *(blob(array(n)) for n in (2, 2, 1)))
    path, layout = read(tmp_path, raw)
    found = tensors_of(path, layout)

    assert list(found) == [
        *("conv1.weight", "conv1.bias", "conv1.blob2"),
        *("bn.mean", "bn.variance", "bn.factor"),
    ]
    assert found["conv1.weight"] == ("float32", (20, 1, 5, 5), weight.tobytes())
    assert found["conv1.bias"] == ("float64", (20,), bias.tobytes())
    assert layout.values == {"name": "LeNet"}
    assert layout.note == ""


def test_the_first_version(tmp_path, tensors_of):
    """Matrices and vectors that are filled up with ones in front have their own rank."""
    arrays = [array(1, 3, 2, 2), array(1), array(4, 6), array(4)]
    conv, full = b"\x28\x04", b"\x28\x0e"  # the types, as numbers
    raw = b""
    for name, kind, (weight, bias) in (("conv", conv, arrays[:2]), ("ip", full, arrays[2:])):
        blobs = field(6, blob(weight, old=True)) + field(6, blob(bias, old=True))
        raw += field(2, field(4, name.encode()) + kind + blobs)
    path, layout = read(tmp_path, raw)
    found = tensors_of(path, layout)

    assert {name: shape for name, (_, shape, _) in found.items()} == {
        "conv.weight": (1, 3, 2, 2),
        "conv.bias": (1,),
        "ip.weight": (4, 6),
        "ip.bias": (4,),
    }
    assert found["ip.weight"][2] == arrays[2].tobytes()


def test_a_single_blob(tmp_path, tensors_of):
    """The mean image of a data set."""
    mean = array(1, 3, 4, 4)
    path, layout = read(tmp_path, blob(mean, old=True), "mean.binaryproto")

    assert tensors_of(path, layout) == {"blob": ("float32", (1, 3, 4, 4), mean.tobytes())}


@pytest.mark.parametrize(
    "damaged",
    [
        field(7, field(1, b"\x03")) + field(5, bytes(8)),  # too few numbers
        field(7, field(1, b"\x02")) + field(5, bytes(4)) + field(5, bytes(4)),  # in two pieces
        field(7, field(1, b"\x01")) + b"\x2d" + bytes(4),  # not packed
        field(7, field(1, b"\xff" * 9 + b"\x01")) + field(5, bytes(4)),  # a negative extent
        field(7, field(1, b"\x01" * 40)) + field(5, bytes(4)),  # too many extents
        field(7, field(1, b"\x02")),  # no numbers
    ],
)
def test_what_the_shape_does_not_explain_stays_literal(tmp_path, tensors_of, damaged):
    """Others are found, and it is told."""
    sound = array(2)
    path, layout = read(tmp_path, layer("a", "Bias", damaged) + layer("b", "Bias", blob(sound)))

    assert list(tensors_of(path, layout)) == ["b.weight"]
    assert "as it stands" in layout.note


@pytest.mark.parametrize("raw", [b"\x0a\x02ab", b"\xff" * 20, b"version https://git-lfs", b"\xa2"])
def test_what_is_no_network_is_damaged(tmp_path, raw):
    """Without layers, cut off, or another format."""
    with pytest.raises(DamagedFileError, match=r"\.caffemodel is no caffemodel"):
        read(tmp_path, raw)


def test_names(tmp_path):
    """By place; the statistics of normalization have names of their own."""
    assert [caffe_blob_name("BatchNorm", n) for n in range(4)] == [
        *("mean", "variance", "factor", "blob3")
    ]
    assert reader.claims(tmp_path / "a.CAFFEMODEL", b"")
    assert not reader.claims(tmp_path / "a.prototxt", b"")
