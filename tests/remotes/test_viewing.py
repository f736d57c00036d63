"""Tests of `modelhub.remotes.viewing`."""

import numpy as np
import pytest

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.remotes import FolderRemote, packs_with_more, read_track, view
from modelhub.testing.remotes import put_track


@pytest.fixture
def published(here, state, send, remote):
    """The track of lenet@1, and of what shares a tensor with it."""
    first = state(1)
    here.commit("lenet", first)
    here.commit("head", {"conv.weight": first["conv.weight"]})
    send("lenet@1")
    send("head@1")
    return lambda name: read_track(remote, name)[1].versions


def test_files_are_read_where_they_are(here, published, remote, tmp_path):
    """The same bytes as from a checkout."""
    here["lenet@1"].checkout(tmp_path / "out")
    with view(remote, "lenet", published("lenet")[0]) as found:
        (file,) = found.needs.manifest.content.files
        data = b"".join(found.file(file))

    assert data == (tmp_path / "out" / file.path).read_bytes()


def test_ranges_of_files_are_read(published, remote):
    """Any; what lies outside of the file is not."""
    rng = np.random.default_rng(1)
    with view(remote, "lenet", published("lenet")[0]) as found:
        (file,) = found.needs.manifest.content.files
        data = b"".join(found.file(file))
        borders = [(0, len(data)), (0, 0), (0, 1), (len(data) - 1, len(data)), (5, 5)]
        for start, stop in [*borders, *np.sort(rng.integers(0, len(data), (30, 2))).tolist()]:
            assert b"".join(found.range(file, start, stop)) == data[start:stop]
        assert b"".join(found.range(file, len(data), len(data) + 5)) == b""


def test_tensors_are_read_where_they_are(state, published, remote):
    with view(remote, "head", published("head")[0]) as found:
        (id_,) = found.needs.tensors
        assert found.contents.find_tensor(id_).info.shape == (16, 16, 5, 5)
        raw = b"".join(found.reader.stream(id_))
    assert raw == state(1)["conv.weight"].tobytes()


def test_a_version_under_another_name_is_refused(published, remote):
    """What it says of itself holds."""
    with (
        pytest.raises(IntegrityError),
        view(remote, "other", published("lenet")[0]),
    ):
        raise AssertionError


def test_a_pack_that_is_gone_is_told(published, remote, tmp_path):
    entry = published("lenet")[0]
    for path in (tmp_path / "remote/objects").glob("*/*"):
        if path.stat().st_size > 10_000:
            path.unlink()

    with pytest.raises(NotFoundError), view(remote, "lenet", entry):
        raise AssertionError


def test_packs_with_more_are_those_of_others(published, remote):
    """lenet came first, so its packs hold its own; head takes one of them."""
    lenet, head = published("lenet"), published("head")

    assert packs_with_more(remote, "lenet", lenet) == set()
    more = packs_with_more(remote, "head", head)
    assert more
    with view(remote, "lenet", lenet[0]) as found:
        assert more <= set(found.contents.packs)


def test_a_version_of_nothing_has_no_more(tmp_path):
    remote = FolderRemote.create(tmp_path / "other")

    assert packs_with_more(remote, "lenet", put_track(remote)[1].versions) == set()
