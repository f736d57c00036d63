"""GGUF files, written by the reference implementation."""

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from gguf.constants import GGML_QUANT_SIZES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhub.errors import DamagedFileError
from modelhub.recipes.gguf import BLOCKS, DTYPES, MAX_DEPTH, reader
from modelhub.recipes.layout import MAX_TEXT, MAX_VALUES, Layout

RNG = np.random.default_rng(7)
WEIGHT = RNG.normal(size=(6, 64)).astype(np.float32)
QUANTISED = gguf.quantize(WEIGHT, gguf.GGMLQuantizationType.Q4_0)


def write(path: Path, *, alignment: int | None = None) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    if alignment is not None:
        writer.add_custom_alignment(alignment)
    writer.add_name("tiny")
    writer.add_uint64("big", 1 << 63)
    writer.add_float32("eps", 0.5)
    writer.add_bool("yes", val=True)
    writer.add_string("long", "é" * 5000)
    writer.add_array("tokens", ["a", "bcd", ""])
    writer.add_array("scores", [1.0, 2.0])
    writer.add_tensor("weight", WEIGHT)
    writer.add_tensor("half", WEIGHT[:, :3].astype(np.float16))
    writer.add_tensor("quantised", QUANTISED, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
    writer.add_tensor("ids", np.arange(5, dtype=np.int64))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return write(tmp_path_factory.mktemp("gguf") / "model.gguf").read_bytes()


def layout_of(folder: Path, raw: bytes) -> Layout:
    path = folder / "model.gguf"
    path.write_bytes(raw)
    return reader.read(path)


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def info(name: str, extents, code: int, offset: int) -> bytes:
    row = struct.pack(f"<I{len(extents)}QIQ", len(extents), *extents, code, offset)
    return string(name) + row


def file_of(infos=(), pairs=(), *, data=b"", version=3) -> bytes:
    head = b"GGUF" + struct.pack("<IQQ", version, len(infos), len(pairs))
    head += b"".join(pairs) + b"".join(infos)
    return head + bytes(-len(head) % 32) + data


def check(layout: Layout) -> None:
    position = 0
    for span in layout.spans:
        assert span.length > 0
        assert span.offset >= position
        position = span.offset + span.length
    assert position <= layout.size
    assert len({tensor.name for tensor in layout.tensors}) == len(layout.tensors)


@pytest.mark.parametrize("alignment", [None, 8, 256])
def test_tensors_are_where_the_writer_put_them(tmp_path, alignment):
    """Shapes are row-major; blocks are opaque bytes."""
    path = write(tmp_path / "model.gguf", alignment=alignment)
    layout, raw = reader.read(path), path.read_bytes()
    check(layout)
    found = {}
    for tensor in layout.tensors:
        span = layout.spans[tensor.span]
        piece = raw[span.offset : span.offset + span.length]
        found[tensor.name] = (tensor.dtype, tensor.shape, piece)
    half = WEIGHT[:, :3].astype(np.float16)
    assert found == {
        "weight": ("float32", (6, 64), WEIGHT.tobytes()),
        "half": ("float16", (6, 3), half.tobytes()),
        "quantised": ("opaque:gguf.Q4_0", (QUANTISED.size,), QUANTISED.tobytes()),
        "ids": ("int64", (5,), np.arange(5, dtype=np.int64).tobytes()),
    }
    assert (layout.reader, layout.note) == ("gguf", "")


def test_values(tmp_path, raw):
    """Numbers, booleans and texts are values, arrays are not; long texts are cut."""
    values = layout_of(tmp_path, raw).values
    assert values["general.architecture"] == "llama"
    assert (values["big"], values["eps"], values["yes"]) == (1 << 63, 0.5, True)
    assert values["long"] == "é" * MAX_TEXT
    assert "tokens" not in values


def test_the_table_of_types_is_the_reference_s():
    """Every type of the reference implementation has its block and its bytes."""
    removed = {31, 32, 33}
    assert {code: row[1:] for code, row in BLOCKS.items() if code not in removed} == {
        int(kind): sizes for kind, sizes in GGML_QUANT_SIZES.items() if int(kind) not in DTYPES
    }
    for code, (name, *_) in BLOCKS.items():
        assert code in removed or gguf.GGMLQuantizationType(code).name == name


def test_version_2_is_read(tmp_path):
    """It has the layout of version 3."""
    layout = layout_of(tmp_path, file_of([info("t", [3, 2], 0, 0)], data=bytes(24), version=2))
    assert [(t.name, t.shape, t.span) for t in layout.tensors] == [("t", (2, 3), 0)]


@pytest.mark.parametrize(("version", "note"), [(3 << 24, "big-endian"), (1, "1"), (4, "4")])
def test_other_versions_are_kept_whole(tmp_path, version, note):
    """A file of a version that we do not know is no damage."""
    layout = layout_of(tmp_path, file_of(version=version))
    assert (layout.reader, layout.spans) == ("whole", ())
    assert note in layout.note


def test_an_unknown_type_stays_literal(tmp_path):
    """The others are found."""
    infos = [info("new", [2], 999, 0), info("t", [2], 0, 32)]
    layout = layout_of(tmp_path, file_of(infos, data=bytes(40)))
    assert [t.name for t in layout.tensors] == ["t"]
    assert "999" in layout.note


def test_scalars_and_empty_tensors(tmp_path):
    """A tensor without elements has no span."""
    infos = [info("none", [4, 0], 0, 0), info("one", [], 0, 0)]
    layout = layout_of(tmp_path, file_of(infos, data=bytes(4)))
    assert [(t.shape, t.span) for t in layout.tensors] == [((0, 4), None), ((), 0)]


def test_spans_ascend_whatever_the_table_s_order(tmp_path):
    """Tensors stay in the order of the table."""
    infos = [info("b", [2], 0, 32), info("a", [2], 0, 0)]
    layout = layout_of(tmp_path, file_of(infos, data=bytes(40)))
    check(layout)
    assert [(t.name, t.span) for t in layout.tensors] == [("b", 1), ("a", 0)]


def test_arrays_in_arrays_are_skipped(tmp_path):
    """As the format allows."""
    inner = struct.pack("<IQ2H", 2, 2, 1, 2)
    outer = struct.pack("<IIQ", 9, 9, 2) + inner + inner
    pairs = [string("nested") + outer, string("after") + struct.pack("<Ib", 1, -5)]
    assert layout_of(tmp_path, file_of(pairs=pairs)).values == {"after": -5}


def test_values_are_limited(tmp_path):
    """The first thousand are kept."""
    pairs = [string(f"k{n}") + struct.pack("<IB", 0, 1) for n in range(MAX_VALUES + 5)]
    assert len(layout_of(tmp_path, file_of(pairs=pairs)).values) == MAX_VALUES


ALIGNMENT = string("general.alignment")
HUGE = (1 << 64) - 1


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (b"GGUF", "cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, HUGE, 0), "more than fit"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, HUGE), "more than fit"),
        (file_of(pairs=[struct.pack("<Q", HUGE)]) + bytes(20), "cut off"),
        (file_of(pairs=[string("a") + struct.pack("<IIQ", 9, 8, HUGE)]), "more than fit"),
        (file_of(pairs=[string("a") + struct.pack("<IIQ", 9, 6, 1 << 62)]), "more than fit"),
        (file_of(pairs=[string("a") + struct.pack("<IIQ", 9, 77, 0)]), "unknown type 77"),
        (file_of(pairs=[string("a") + struct.pack("<IQ", 77, 0)]), "unknown type 77"),
        (
            file_of(pairs=[string("a") + struct.pack("<I", 9) + struct.pack("<IQ", 9, 1) * 99]),
            f"more than {MAX_DEPTH} deep",
        ),
        (file_of(pairs=[ALIGNMENT + struct.pack("<II", 4, 0)]), "power of two"),
        (file_of(pairs=[ALIGNMENT + struct.pack("<II", 4, 24)]), "power of two"),
        (file_of(pairs=[ALIGNMENT + struct.pack("<I", 8) + string("32")]), "power of two"),
        (file_of([info("t", [1] * 9, 0, 0)], data=bytes(4)), "9 axes"),
        (file_of([info("t", [HUGE, 0], 0, 0)]), "impossible shape"),
        (file_of([info("t", [1 << 62, 1 << 62], 0, 0)], data=bytes(9)), "outside the file"),
        (file_of([info("t", [3], 0, 0)], data=bytes(11)), "outside the file"),
        (file_of([info("t", [3], 0, HUGE)], data=bytes(12)), "outside the file"),
        (file_of([info("t", [33], 2, 0)], data=bytes(99)), "whole blocks"),
        (file_of([info("a", [3], 0, 0), info("b", [3], 0, 8)], data=bytes(20)), "overlap"),
        (file_of([info("a", [3], 0, 0), info("a", [3], 0, 32)], data=bytes(64)), "twice"),
        (file_of([info("a" * 1001, [3], 0, 0)], data=bytes(64)), "too long"),
    ],
)
def test_what_breaks_the_rules_is_damage(tmp_path, broken, message):
    """The error names the file and what is wrong."""
    with pytest.raises(DamagedFileError, match=message) as caught:
        layout_of(tmp_path, broken)
    assert "model.gguf" in str(caught.value)


def test_every_truncation_is_noticed(tmp_path, raw):
    """But for the padding behind the last tensor."""
    layout = layout_of(tmp_path, raw)
    end = max(span.offset + span.length for span in layout.spans)
    for size in (*range(4, end - 1, 29), end - 1):
        with pytest.raises(DamagedFileError):
            layout_of(tmp_path, raw[:size])
    assert layout_of(tmp_path, raw[:end]).spans == layout.spans


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mutations_are_damage_or_a_layout(tmp_path, raw, data):
    """Changed bytes never cause another error than damage, nor spans outside the file."""
    mutated = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        mutated[data.draw(st.integers(4, 12_000))] = data.draw(st.integers(0, 255))
    try:
        check(layout_of(tmp_path, bytes(mutated)))
    except DamagedFileError as error:
        assert "model.gguf" in str(error)  # noqa: PT017 - both outcomes are right


def test_files_are_recognised_by_the_magic():
    """Whatever their name."""
    assert reader.claims(Path("a"), b"GGUF\3")
    assert not reader.claims(Path("a.gguf"), b"GGML")
