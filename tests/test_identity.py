"""What is hashed, and how."""

import json
import math

import numpy as np
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from modelhub.identity import blob_id, canonical_json, tensor_hasher

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_a_tensor_is_hashed_as_the_specification_says() -> None:
    """Header, dtype, extents, elements (docs/spec/repository.md §2)."""
    data = np.arange(6, dtype=np.float32).tobytes()
    found = tensor_hasher("float32", (2, 3))
    found.update(data)
    assert found.hexdigest() == blake3(b"dlv tensor 1\nfloat32\n2,3\n" + data).hexdigest()
    assert tensor_hasher("int8", ()).hexdigest() == blake3(b"dlv tensor 1\nint8\n\n").hexdigest()


def test_a_blob_is_its_bytes() -> None:
    """BLAKE3, nothing else."""
    assert blob_id(b"abc") == blake3(b"abc").hexdigest()


@given(JSON)
def test_canonical_json_is_json_and_the_same_each_time(value) -> None:
    """It reads back as the value, infinities as text, and does not depend on order."""

    def plain(each):
        if isinstance(each, float) and math.isinf(each):
            return "Infinity" if each > 0 else "-Infinity"
        if isinstance(each, list):
            return [plain(one) for one in each]
        return {k: plain(v) for k, v in each.items()} if isinstance(each, dict) else each

    if not _encodable(value):
        return
    raw = canonical_json(value)
    assert json.loads(raw) == plain(value)
    assert canonical_json(json.loads(raw)) == raw


def _encodable(value) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def test_keys_are_sorted_and_nothing_is_blank() -> None:
    """By code point."""
    assert (
        canonical_json({"b": 1, "é": 2, "a": [1.5, None]}).decode()
        == '{"a":[1.5,null],"b":1,"é":2}'
    )
