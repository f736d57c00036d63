"""Tests of `modelhub.pas.choice`: repository.md §6.2 and §6.3 as properties."""

from dataclasses import dataclass
from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.pas import choose, tile


@dataclass(frozen=True)
class Way:
    base: str | None
    cost: int
    order: tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    group: int
    groups: int
    cost: int
    order: tuple[int, ...] = ()


KEYS = "abcdef"


@st.composite
def candidates(draw):
    bases = st.one_of(st.none(), st.sampled_from([*KEYS, "gone"]))
    found = {}
    for key in KEYS:
        ways = draw(st.lists(st.tuples(bases, st.integers(0, 3)), max_size=4))
        found[key] = [Way(base, cost, (number,)) for number, (base, cost) in enumerate(ways)]
    return found


def readable(found):
    """All keys that can be read in any way, by a slow definition."""
    known = set()
    while True:
        more = {
            key
            for key, ways in found.items()
            if any(way.base is None or way.base in known for way in ways)
        }
        if more == known:
            return known
        known = more


@given(candidates())
@settings(max_examples=300)
def test_what_can_be_read_without_a_cycle_is_chosen(found):
    """Each key with any way that needs no cycle gets one, and no other does."""
    assert set(choose(found)) == readable(found)


@given(candidates())
@settings(max_examples=300)
def test_a_base_always_has_a_smaller_depth(found):
    """So no cycle is possible."""
    chosen = choose(found)
    for depth, way in chosen.values():
        assert depth == (0 if way.base is None else chosen[way.base][0] + 1)


@given(candidates())
@settings(max_examples=300)
def test_depths_are_least_and_ways_the_best_at_their_depth(found):
    """A key is no deeper than it must be, and takes the cheapest way there."""
    chosen = choose(found)
    for key, (depth, way) in chosen.items():
        for rival in found[key]:
            if rival.base is not None and rival.base not in chosen:
                continue
            other = 0 if rival.base is None else chosen[rival.base][0] + 1
            assert (depth, way.cost, way.order) <= (other, rival.cost, rival.order)


@given(candidates(), st.randoms())
@settings(max_examples=100)
def test_the_order_of_finding_does_not_matter(found, random):
    """The same candidates give the same choice, however they are listed."""
    keys = list(found)
    random.shuffle(keys)
    shuffled = {key: random.sample(found[key], len(found[key])) for key in keys}

    assert choose(shuffled) == choose(found)


def test_bases_come_before_what_needs_them():
    """The result is in the order in which it can be read."""
    found = {"a": [Way("b", 1, ())], "b": [Way("c", 1, ())], "c": [Way(None, 9, ())]}

    assert list(choose(found)) == ["c", "b", "a"]


def test_two_deltas_of_each_other_are_lost():
    """A cycle without a way in cannot be read."""
    assert choose({"a": [Way("b", 1, ())], "b": [Way("a", 1, ())]}) == {}


def test_a_base_from_outside_lends_its_depth():
    """What needs a base that is elsewhere is one deeper than it."""
    found = {"a": [Way("there", 1, ())], "b": [Way("a", 1, ())], "c": [Way("nowhere", 1, ())]}
    chosen = choose(found, outside={"there": 4}.get)

    assert {key: depth for key, (depth, _) in chosen.items()} == {"a": 5, "b": 6}


PIECES = st.lists(
    st.builds(Piece, group=st.integers(0, 5), groups=st.integers(1, 4), cost=st.integers(1, 3)),
    max_size=8,
    unique=True,
)


def tilings(pieces, groups):
    """Every tiling, by trying all of them."""
    for count in range(min(groups, len(pieces)) + 1):
        for chosen in permutations(pieces, count):
            ends = [0, *(piece.group + piece.groups for piece in chosen)]
            starts = [*(piece.group for piece in chosen), groups]
            if ends == starts:
                yield chosen


@given(PIECES, st.integers(0, 4))
@settings(max_examples=200, deadline=None)
def test_a_tiling_is_found_if_there_is_one_and_costs_least(pieces, groups):
    """Segments that cover every group exactly once are found, at least cost."""
    found = tile(pieces, groups)
    costs = [sum(piece.cost for piece in each) for each in tilings(pieces, groups)]

    if found is None:
        assert not costs
    else:
        assert sum(piece.cost for piece in found) == min(costs)
        assert all(one.group + one.groups == other.group for one, other in pairwise(found))
        assert sum(piece.groups for piece in found) == groups


def test_runs_of_no_groups_are_passed_over():
    """A forged run that makes no progress cannot loop."""
    assert tile([Piece(0, 0, 1), Piece(0, 1, 1)], 1) == [Piece(0, 1, 1)]
    assert tile([Piece(0, -1, 1)], 1) is None
