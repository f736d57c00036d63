"""ONNX files, written by the reference implementation."""

from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import MAX_TEXT, Layout
from modelhub.recipes.onnx import ExternalTensor, external_layout, external_tensors, reader
from modelhub.values import View

RNG = np.random.default_rng(7)
WEIGHT = RNG.normal(size=(8, 5)).astype(np.float32)


def graph_of(nodes=(), initializers=(), **more):
    return helper.make_graph(list(nodes), "graph", [], [], list(initializers), **more)


def model_of(nodes=(), initializers=(), **more):
    return helper.make_model(graph_of(nodes, initializers), producer_name="here", **more)


def constant(output, array, **more):
    return helper.make_node("Constant", [], [output], value=numpy_helper.from_array(array), **more)


def layout_of(folder: Path, model, name="model.onnx") -> Layout:
    path = folder / name
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    return reader.read(path)


def contents(path: Path, layout: Layout) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    raw, found = path.read_bytes(), {}
    for tensor in layout.tensors:
        piece = b""
        if tensor.span is not None:
            span = layout.spans[tensor.span]
            piece = raw[span.offset : span.offset + span.length]
        found[tensor.name] = (tensor.dtype, tensor.shape, piece)
    return found


def check(layout: Layout) -> None:
    """What every layout promises."""
    position = 0
    for span in layout.spans:
        assert span.length > 0
        assert span.offset >= position
        position = span.offset + span.length
    assert position <= layout.size
    assert len({tensor.name for tensor in layout.tensors}) == len(layout.tensors)
    assert all(t.span is None or t.span < len(layout.spans) for t in layout.tensors)


def whole_model():
    """Tensors in every place that can hold one."""
    inner = graph_of([constant("deep", WEIGHT[0])])
    branch = graph_of(
        [constant("then", WEIGHT[:2]), helper.make_node("If", ["c"], ["o"], then_branch=inner)]
    )
    function = helper.make_function(
        "here", "twice", ["x"], ["y"], [constant("factor", WEIGHT[:, 0].copy())], []
    )
    nodes = [
        helper.make_node("If", ["c"], ["out"], then_branch=branch, else_branch=inner),
        helper.make_node("Many", [], ["many"], rows=[numpy_helper.from_array(WEIGHT[3])] * 2),
    ]
    values = numpy_helper.from_array(np.float32([1, 2]), "sparse")
    indices = numpy_helper.from_array(np.int64([3, 5]))
    model = model_of(nodes, [numpy_helper.from_array(WEIGHT, "weight")], functions=[function])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [9]))
    return model


def test_tensors_in_every_place(tmp_path):
    """Initializers, constants in branches of branches, lists, sparse tensors, functions."""
    layout = layout_of(tmp_path, whole_model())
    found = contents(tmp_path / "model.onnx", layout)
    check(layout)
    assert {name: raw for name, (_, _, raw) in found.items()} == {
        "then": WEIGHT[:2].tobytes(),
        "deep": WEIGHT[0].tobytes(),
        "deep#2": WEIGHT[0].tobytes(),
        "many.rows": WEIGHT[3].tobytes(),
        "many.rows#2": WEIGHT[3].tobytes(),
        "weight": WEIGHT.tobytes(),
        "sparse": np.float32([1, 2]).tobytes(),
        "sparse.indices": np.int64([3, 5]).tobytes(),
        "factor": WEIGHT[:, 0].tobytes(),
    }
    assert found["weight"][:2] == ("float32", (8, 5))
    assert (layout.reader, layout.note) == ("onnx", "")


@pytest.mark.parametrize(
    "dtype",
    [
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128", "bfloat16"),
        *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu"),
    ],
)
def test_raw_data_of_every_dtype(tmp_path, dtype):
    """The bytes of the span are the array that the reference implementation reads."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    array = RNG.integers(0, 2, (3, 4)).astype(kind)
    tensor = numpy_helper.from_array(array, "t")
    layout = layout_of(tmp_path, model_of(initializers=[tensor]))
    expected = (dtype, (3, 4), numpy_helper.to_array(tensor).tobytes())
    assert contents(tmp_path / "model.onnx", layout) == {"t": expected}


@pytest.mark.parametrize(
    ("code", "length"),
    [
        *(("INT4", 8), ("UINT4", 8), ("FLOAT4E2M1", 8), ("INT2", 4), ("UINT2", 4)),
        *(("FLOAT6E2M3", 12), ("FLOAT6E3M2", 12)),
    ],
)
def test_elements_narrower_than_a_byte_are_opaque(tmp_path, code, length):
    """Fifteen elements take their bits, rounded up to bytes."""
    raw = bytes(range(length))
    number = {**dict(TensorProto.DataType.items()), "FLOAT6E2M3": 27, "FLOAT6E3M2": 28}[code]
    tensor = TensorProto(name="t", data_type=number, dims=[3, 5], raw_data=raw)
    layout = layout_of(tmp_path, model_of(initializers=[tensor]))
    expected = (f"opaque:onnx.{code}", (length,), raw)
    assert contents(tmp_path / "model.onnx", layout) == {"t": expected}


@pytest.mark.parametrize(
    ("code", "dtype"),
    [
        (TensorProto.FLOAT, "float32"),
        (TensorProto.DOUBLE, "float64"),
        (TensorProto.COMPLEX64, "complex64"),
        (TensorProto.COMPLEX128, "complex128"),
    ],
)
def test_packed_floats_are_spans(tmp_path, code, dtype):
    """`float_data` and `double_data` lie in the file as in memory."""
    tensor = helper.make_tensor("t", code, [2, 2], [1.5, -2, 3, 0.1])
    layout = layout_of(tmp_path, model_of(initializers=[tensor]))
    raw = numpy_helper.to_array(tensor).tobytes()
    assert contents(tmp_path / "model.onnx", layout) == {"t": (dtype, (2, 2), raw)}


@pytest.mark.parametrize("code", [TensorProto.INT64, TensorProto.INT32, TensorProto.FLOAT16])
def test_numbers_of_variable_length_stay_literal(tmp_path, code):
    """Varints are no array."""
    tensor = helper.make_tensor("t", code, [3], [1, 2, 3])
    layout = layout_of(tmp_path, model_of(initializers=[tensor]))
    assert (layout.tensors, layout.spans, layout.note) == ((), (), "")


@pytest.mark.parametrize(
    "tensor",
    [
        TensorProto(name="t", data_type=1, dims=[3], raw_data=bytes(11)),
        TensorProto(name="t", data_type=1, dims=[-3], raw_data=bytes(12)),
        TensorProto(name="t", data_type=99, dims=[3], raw_data=bytes(12)),
        TensorProto(name="t", data_type=1, dims=[1 << 62] * 80, raw_data=bytes(12)),
        TensorProto(name="t", data_type=1, dims=[3]),
    ],
)
def test_what_does_not_fill_its_bytes_stays_literal(tmp_path, tensor):
    """A shape that does not explain the bytes makes no tensor, but a note."""
    layout = layout_of(tmp_path, model_of(initializers=[tensor]))
    assert (layout.tensors, layout.spans) == ((), ())
    assert "as it stands" in layout.note


def test_floats_in_pieces_stay_literal(tmp_path):
    """A packed field may come in two pieces, which then are no span."""
    first = helper.make_tensor("t", TensorProto.FLOAT, [4], np.arange(4.0)).SerializeToString()
    raw = first + TensorProto(float_data=[5.0]).SerializeToString()
    graph = b"\x2a" + bytes([len(raw)]) + raw
    layout = layout_of(tmp_path, b"\x3a" + bytes([len(graph)]) + graph)
    assert layout.tensors == ()


def test_scalars_and_empty_tensors(tmp_path):
    """A scalar has no extents; a tensor without elements has no span."""
    tensors = [
        numpy_helper.from_array(np.float32(2), "one"),
        numpy_helper.from_array(np.zeros((0, 3), np.float32), "none"),
    ]
    layout = layout_of(tmp_path, model_of(initializers=tensors))
    assert [(t.name, t.shape, t.span) for t in layout.tensors] == [
        ("one", (), 0),
        ("none", (0, 3), None),
    ]


def test_constants_are_called_by_their_output_or_their_node(tmp_path):
    """The output's name, else the node's; equal names are numbered."""
    nodes = [constant("a", WEIGHT[0]), constant("a", WEIGHT[1]), constant("a#2", WEIGHT[2])]
    nodes.append(constant("", WEIGHT[3], name="node"))
    layout = layout_of(tmp_path, model_of(nodes))
    assert [t.name for t in layout.tensors] == ["a", "a#2", "a#2#2", "node"]


def test_what_a_model_tells_of_itself(tmp_path):
    """Producer, versions and `metadata_props` are values; long texts are cut."""
    model = model_of(producer_version="3")
    helper.set_model_props(model, {"license": "MIT", "long": "é" * 5000})
    values = layout_of(tmp_path, model).values
    assert values["producer_name"] == "here"
    assert values["producer_version"] == "3"
    assert values["ir_version"] == model.ir_version
    assert values["license"] == "MIT"
    assert values["long"] == "é" * MAX_TEXT


def test_files_are_recognised_by_name():
    """The format has no magic."""
    assert reader.claims(Path("a/Model.ONNX"), b"")
    assert not reader.claims(Path("a/model.onnx.data"), b"")


@pytest.mark.parametrize("raw", [b"", b"version https://git-lfs", b"\x08\x0a", b"\x3a\x05abc"])
def test_what_is_no_model_is_damaged(tmp_path, raw):
    """Pointers to files, messages without a graph, and nothing at all."""
    with pytest.raises(DamagedFileError, match=r"model\.onnx"):
        layout_of(tmp_path, raw)


def test_every_truncation_is_noticed_or_harmless(tmp_path):
    """A file that was cut off is damaged, or ends between two fields of the model."""
    raw = whole_model().SerializeToString()
    for end in range(0, len(raw), 7):
        try:
            check(layout_of(tmp_path, raw[:end]))
        except DamagedFileError as error:
            assert "model.onnx" in str(error)  # noqa: PT017 - both outcomes are right


def test_nesting_is_limited(tmp_path):
    """A model of a thousand graphs in graphs is refused, without a call in a call."""
    raw = b""
    for _ in range(1000):
        for key in (b"\x32", b"\x2a", b"\x0a"):  # a graph in an attribute in a node
            raw = key + size_of(raw) + raw
    with pytest.raises(DamagedFileError, match="nested"):
        layout_of(tmp_path, b"\x3a" + size_of(raw) + raw)


def size_of(raw: bytes) -> bytes:
    size, found = len(raw), b""
    while size > 0x7F:
        found, size = found + bytes([size & 0x7F | 0x80]), size >> 7
    return found + bytes([size])


def test_a_crowd_of_one_name_takes_linear_time(tmp_path):
    """Twenty thousand constants without a name are called apart."""
    node = constant("", np.float32(1)).SerializeToString()
    graph = (b"\x0a" + size_of(node) + node) * 20_000
    layout = layout_of(tmp_path, b"\x3a" + size_of(graph) + graph)
    check(layout)
    assert layout.tensors[-1].name == "unnamed#20000"


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutations_are_damage_or_a_layout(tmp_path, data):
    """Changed bytes never cause another error than damage, nor spans outside the file."""
    raw = bytearray(whole_model().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        check(layout_of(tmp_path, bytes(raw)))
        external_tensors(tmp_path / "model.onnx")
    except DamagedFileError as error:
        assert "model.onnx" in str(error)  # noqa: PT017 - both outcomes are right


def test_external_data(tmp_path):
    """What the reference implementation put into another file is found there."""
    arrays = {f"t{n}": RNG.normal(size=(n + 1, 300)).astype(np.float32) for n in range(4)}
    tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
    path = tmp_path / "model.onnx"
    model = model_of([constant("c", np.float32([1]))], tensors)
    onnx.save_model(
        model, path, save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    assert [tensor.name for tensor in reader.read(path).tensors] == ["c"]
    weights = tmp_path / "weights.bin"
    found = external_tensors(path)
    assert {tensor.location for tensor in found} == {"weights.bin"}
    layout = external_layout(weights.stat().st_size, found)
    check(layout)
    assert layout.reader == "onnx-data"
    assert contents(weights, layout) == {
        name: ("float32", array.shape, array.tobytes()) for name, array in arrays.items()
    }


def external_model(**entries: str):
    tensor = TensorProto(name="t", data_type=1, dims=[2], data_location=TensorProto.EXTERNAL)
    for key, value in entries.items():
        tensor.external_data.add(key=key, value=value)
    return model_of(initializers=[tensor])


@pytest.mark.parametrize(
    "location",
    ["/etc/passwd", "../secret", "a/../../b", "a\\b", "a\0b", "", ".", "//host/x", "x" * 5000],
)
def test_a_file_outside_the_folder_is_refused(tmp_path, location):
    """Neither the layout nor the list of tensors is made."""
    with pytest.raises(DamagedFileError, match="outside its folder"):
        layout_of(tmp_path, external_model(location=location))
    with pytest.raises(DamagedFileError, match="outside its folder"):
        external_tensors(tmp_path / "model.onnx")


def test_external_entries_are_read(tmp_path):
    """A location inside the folder is made plain; offset and length may be left out."""
    layout_of(tmp_path, external_model(location="./a//b.bin"))
    assert external_tensors(tmp_path / "model.onnx") == [
        ExternalTensor(
            location="a/b.bin", offset=0, length=None, dtype="float32", shape=(2,), name="t"
        )
    ]


@pytest.mark.parametrize("offset", ["-1", "1e3", "", "9" * 5000, "²"])
def test_impossible_offsets_are_refused(tmp_path, offset):
    """An offset is a short row of digits."""
    with pytest.raises(DamagedFileError, match="impossible place"):
        layout_of(tmp_path, external_model(location="w", offset=offset))


def external(name, offset, shape, dtype="float32", length=None):
    return ExternalTensor(
        location="w", offset=offset, length=length, dtype=dtype, shape=shape, name=name
    )


def test_tensors_at_one_place_share_it():
    """A second shape is a view; a second dtype is left out and told."""
    tensors = [external("a", 8, (2, 3)), external("b", 8, (3, 2)), external("c", 8, (6,), "int32")]
    layout = external_layout(32, [*tensors, external("a", 8, (2, 3))])
    check(layout)
    assert [(t.name, t.span, t.view) for t in layout.tensors] == [
        ("a", 0, None),
        ("b", 0, View(shape=(3, 2), strides=(2, 1), offset=0)),
        ("a#2", 0, None),
    ]
    assert "different dtypes" in layout.note


def test_tensors_that_overlap_stay_literal():
    """All that overlap one another are left out; the others are kept."""
    tensors = [external("a", 0, (4,)), external("b", 8, (4,)), external("in", 12, (1,))]
    layout = external_layout(64, [external("d", 24, (2,)), *tensors, external("e", 40, (0,))])
    check(layout)
    assert [(t.name, t.span) for t in layout.tensors] == [("d", 0), ("e", None)]
    assert "overlap" in layout.note


def test_a_tensor_outside_the_data_file_is_damage():
    """Both the shape and the length that is told must fit."""
    for tensor in (external("t", 4, (2,)), external("t", 0, (1,), length=9)):
        with pytest.raises(DamagedFileError, match="cut off"):
            external_layout(8, [tensor])


def test_a_length_that_the_shape_does_not_explain_stays_literal():
    """Without an error, for such files load elsewhere."""
    layout = external_layout(8, [external("t", 0, (1,), length=8)])
    assert layout.spans == ()
    assert "as it stands" in layout.note
