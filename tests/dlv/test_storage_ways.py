"""Tests of `modelhub.dlv.storage_ways`."""

import pytest
from kindred import fill, fill_files

from modelhub.dlv.matrices import matrices_of
from modelhub.dlv.storage_ways import DELTA, STORE, WHOLE, find_ways
from modelhub.pas import EMPTY, ENCODINGS, CostModel, Limits, Line, SizeEstimator

COSTS = CostModel(
    stores={STORE: Line(start_s=0, byte_s=1e-9)},
    encodings={WHOLE: Line(start_s=0, byte_s=1e-9), DELTA: Line(start_s=0, byte_s=3e-9)},
)


@pytest.fixture
def find(repository):
    """The ways of all matrices of the repository."""

    def found(*revisions, encoding="levels-rans", **options):
        matrices = matrices_of(repository, revisions, group_size=Limits().group)
        sizes = SizeEstimator(repository.reader, ENCODINGS.get(encoding))
        return find_ways(matrices, sizes, COSTS, nearest=8, **options)

    return found


def test_each_matrix_has_its_present_way_and_a_whole_one(repository, find):
    """Sizes of what is stored are true; each way stands once."""
    fill(repository, 3)
    ways = find()
    present = [ways.ways[at] for at in ways.present]

    assert [each.matrix for each in present] == [1, 2, 3, 4, 5, 6]
    assert [each.size for each in present] == [each.cost for each in ways.matrices.stored]
    assert len({(each.matrix, each.base) for each in ways.ways}) == len(ways.ways)
    assert {each.matrix for each in ways.ways if each.base == EMPTY} == set(range(1, 7))


def test_deltas_go_both_ways_and_cost_more_time(repository, save, find):
    """Between snapshots of one commit, where none is stored yet."""
    fill_files(repository, save, 2)
    ways = find(threads=2)
    deltas = [each for each in ways.ways if each.base != EMPTY]

    assert {(each.base, each.matrix) for each in deltas} >= {(1, 3), (3, 1), (2, 4), (4, 2)}
    assert all(each.size < ways.of(each.matrix)[-1].size for each in deltas)
    assert min(each.seconds for each in deltas) > ways.of(1)[-1].seconds
    assert ways.of(1)[-1].base == EMPTY


def test_groups_are_snapshots_or_versions(repository, save, find):
    """The names are revisions."""
    fill_files(repository, save, 3)
    assert find().graph.snapshots == ("run@1/step-0", "run@1/step-1", "run@1/step-2")
    assert find(per_version=True).graph.snapshots == ("run@1",)


def test_what_stays_has_one_way(repository, find):
    """A base that no planned snapshot holds."""
    fill(repository, 2)
    ways = find("net@2")

    assert [len(ways.of(number)) for number in (3, 4)] == [1, 1]
    assert all(len(ways.of(number)) == 2 for number in (1, 2))


def test_an_encoding_without_deltas_has_whole_ways_only(repository, save, find):
    """And the present ones."""
    fill_files(repository, save, 2)
    assert all(each.base == EMPTY for each in find(encoding="planes-zstd").ways)
