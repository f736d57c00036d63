"""The lineage drawn as a forest."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.lineage import forest
from modelhub.dlv.versions import VersionRef
from modelhub.values import VersionId


def ref(number: int, name: str = "a") -> VersionRef:
    return VersionRef(id=VersionId(f"{number:064x}"), name=name, number=number)


@st.composite
def lineages(draw):
    """Versions in the order of their making, each with an earlier one as parent, or none."""
    count = draw(st.integers(0, 30))
    names = draw(st.lists(st.sampled_from("abc"), min_size=count, max_size=count))
    versions = [ref(i, name) for i, name in enumerate(names)]
    parents = {}
    for i in range(1, count):
        parent = draw(st.none() | st.integers(0, i - 1))
        if parent is not None:
            parents[versions[i].id] = versions[parent].id
    return versions, parents


@given(lineages())
def test_every_version_stands_once_and_below_its_parent(lineage) -> None:
    """For all histories; indentation grows by one where a line begins."""
    versions, parents = lineage
    placed = forest(versions, parents)
    order = {place.ref.id: i for i, place in enumerate(placed)}
    depth = {place.ref.id: place.depth for place in placed}

    assert sorted(order) == sorted(v.id for v in versions)
    assert len(placed) == len(versions)
    for place in placed:
        parent = parents.get(place.ref.id)
        if parent is not None:
            assert order[parent] < order[place.ref.id]
            assert depth[place.ref.id] == depth[parent] + place.is_branch
        assert len(place.drawing) == 3 * place.depth


def test_the_drawing() -> None:
    """A line goes on in its column; branches turn off before it."""
    versions = [ref(1), ref(2, "b"), ref(3, "b"), ref(4, "c"), ref(5)]
    parents = {versions[i].id: versions[j].id for i, j in ((1, 0), (2, 1), (3, 0), (4, 0))}
    drawn = [f"{place.drawing}{place.ref}" for place in forest(versions, parents)]
    assert drawn == ["a@1", "├─ b@2", "│  b@3", "├─ c@4", "a@5"]


def test_a_long_line_needs_no_recursion() -> None:
    """Ten thousand versions, each made from the one before."""
    versions = [ref(i) for i in range(10_000)]
    parents = {b.id: a.id for a, b in pairwise(versions)}
    assert {place.depth for place in forest(versions, parents)} == {0}
