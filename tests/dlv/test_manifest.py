"""Manifests as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.manifest import manifest_json, parse_manifest
from modelhub.dlv.versions import Content, Manifest, Snapshot, SnapshotTensor, VersionFile
from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.identity import canonical_json
from modelhub.values import TensorInfo, View

IDS = st.integers(0, 99).map(lambda n: f"{n:064x}")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False)
INFOS = st.builds(TensorInfo, id=IDS, dtype=st.just("float32"), shape=st.tuples(st.integers(0, 9)))
VIEWS = st.none() | st.just(View(shape=(2, 2), strides=(1, -2), offset=3))
TENSORS = st.builds(SnapshotTensor, name=TEXT, info=INFOS, view=VIEWS)
SNAPSHOTS = st.builds(
    Snapshot,
    name=TEXT,
    step=st.none() | st.integers(0, 1 << 40),
    metrics=st.dictionaries(TEXT, NUMBERS),
    tensors=st.lists(TENSORS, max_size=3),
)
FILES = st.builds(
    VersionFile,
    path=st.sampled_from(["a", "b/c.pt", "ä/ö"]),
    id=IDS,
    size=st.integers(0, 1 << 50),
    role=st.just("weights"),
    format=st.just("npy"),
    snapshot=st.none() | TEXT,
    executable=st.booleans(),
)
CONTENTS = st.builds(
    Content,
    network=st.none() | IDS,
    hyperparameters=st.dictionaries(TEXT, st.none() | st.booleans() | TEXT | st.lists(TEXT)),
    metrics=st.dictionaries(TEXT, NUMBERS),
    history=st.none() | IDS,
    snapshots=st.lists(SNAPSHOTS, max_size=2),
    files=st.lists(FILES, max_size=2, unique_by=lambda f: f.path).map(
        lambda files: sorted(files, key=lambda f: f.path)
    ),
)
MANIFESTS = st.builds(
    Manifest,
    name=st.sampled_from(["a", "team/b-1"]),
    parents=st.lists(IDS, max_size=3),
    created=TEXT,
    author=TEXT,
    message=TEXT,
    content=CONTENTS,
)


@given(MANIFESTS)
def test_round_trip(manifest) -> None:
    """What is written is read, infinities included."""
    assert parse_manifest(canonical_json(manifest_json(manifest)), "0" * 64) == manifest


GOOD = {
    "format": 1,
    "name": "net",
    "parents": [],
    "created": "",
    "author": "",
    "message": "",
    "content": {
        "network": None,
        "hyperparameters": {},
        "metrics": {},
        "history": None,
        "snapshots": [],
        "files": [],
    },
}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../x"},
        {"parents": ["abc"]},
        {"message": 3},
        {"content": {**GOOD["content"], "metrics": {"a": "high"}}},
        {"content": {**GOOD["content"], "files": [{"path": "../../etc/passwd"}]}},
        {"content": {}},
        {"content": None},
    ],
)
def test_hostile_manifests(change) -> None:
    """Nothing in one is believed unseen."""
    parse_manifest(json.dumps(GOOD).encode(), "0" * 64)
    with pytest.raises(IntegrityError):
        parse_manifest(json.dumps(GOOD | change).encode(), "0" * 64)


def test_a_newer_format() -> None:
    """The message says which one this version reads."""
    with pytest.raises(NewerFormatError, match="reads up to 1"):
        parse_manifest(json.dumps(GOOD | {"format": 2}).encode(), "0" * 64)
