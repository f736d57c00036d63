"""Tests of `modelhub.dlv.kin`: commits, reads, `rm`, `gc`, `fsck` and `du` with deltas."""

import numpy as np
import pytest
from sqlalchemy import select

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.schema import copy, tensor
from modelhub.dlv.kin import Kin
from modelhub.dlv.operations.commit import commit_state
from modelhub.dlv.operations.fsck import check, hit_by, rebuild
from modelhub.dlv.operations.gc import collect_garbage
from modelhub.dlv.operations.names import remove
from modelhub.dlv.usage import usage
from modelhub.pas import ArchiveWriter


def state(step):
    base = np.random.default_rng(1).normal(size=(100, 300)).astype(np.float32)
    noise = np.random.default_rng(step).normal(size=base.shape)
    return {
        "w": (base * (1 + 1e-4 * noise * bool(step))).astype(np.float32),
        "frozen": base[:50].copy() + 1,
    }


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """One whose writer has deltas, whatever is the default here."""

    def writer(self):
        return ArchiveWriter(self.store, self.index, encoding="levels-rans")

    monkeypatch.setattr(BaseRepository, "writer", writer)
    with BaseRepository.init(tmp_path) as found:
        yield found


def bases(repository):
    query = select(tensor.c.id, copy.c.base).join(copy, copy.c.tensor == tensor.c.key)
    return {row.id: row.base for row in repository.catalog.rows(query) if row.base}


def fill(repository, name="m", count=3):
    return [commit_state(repository, name, state(step)) for step in range(count)]


def test_children_are_deltas_of_the_parents_tensor_of_the_same_name(repository):
    """The first version is whole, the next lean on it; what is unchanged costs nothing."""
    done = fill(repository)

    assert len(bases(repository)) == 2
    assert len(set(bases(repository).values())) == 1
    assert all(each.stored_size < 0.7 * done[0].stored_size for each in done[1:])
    assert check(repository).is_clean


def test_versions_without_parent_find_the_base_they_were_tuned_from(repository):
    """Fine-tunes under other names, with no parent said, lean on the base."""
    commit_state(repository, "base", state(0))
    for step in range(1, 6):
        commit_state(repository, f"tune{step}", state(step))

    assert len(bases(repository)) == 5
    assert len(set(bases(repository).values())) == 1


def test_of_equal_shape_where_no_name_fits(repository):
    """A tensor that was renamed is offered those of its dtype and shape."""
    fill(repository, count=1)
    kin = Kin(repository, ())

    assert kin.of("w", "float32", (100, 300)) == kin.of("other", "float32", (100, 300))
    assert kin.of("w", "float32", (1,)) == []


def test_a_base_outlives_its_version(repository):
    """After `rm` and `gc` of the first version the others are read; a rebuilt catalog agrees."""
    fill(repository)
    remove_first(repository)
    collect_garbage(repository, grace_days=0)
    root = repository.root
    wanted = sorted(bases(repository).items())

    assert check(repository).is_clean
    for each in bases(repository):
        repository.reader.check_tensor(each)
    repository.close()
    assert rebuild(root).lost == {}
    with BaseRepository.open(root) as again:
        assert sorted(bases(again).items()) == wanted
        for each in bases(again):
            again.reader.check_tensor(each)


def remove_first(repository):
    remove(repository, ["m@1"])


def test_a_base_counts_for_all_that_need_it(repository):
    """What a delta is based on is its version's, too: shared while others use it."""
    fill(repository, count=2)
    each = usage(repository.catalog, {1: "first", 2: "second"})
    together = usage(repository.catalog, {1: "all", 2: "all"})["all"]

    assert each["second"].shared == each["first"].shared > 0.5 * together.stored
    assert together.exclusive == together.stored


def test_damage_of_a_base_hits_its_deltas(repository):
    """The versions that lean on a damaged object are named."""
    fill(repository, count=2)
    base = next(iter(bases(repository).values()))
    pack = repository.index.find_tensor(base).segments[0].location.pack

    assert hit_by(repository.catalog, pack)[1] == ["m@1", "m@2"]
