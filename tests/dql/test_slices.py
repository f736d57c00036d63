"""What `slice` cuts out."""

import pytest

from modelhub.dlv.metadata import Metadata
from modelhub.dql import query, sliced_module, sliced_network
from modelhub.errors import InputError, QueryError

CUT = 'slice s from m where m.name = "alexnet_a" mutate s.input = m["relu"] and s.output = m["fc"]'


def test_a_slice_is_told_and_not_stored(models) -> None:
    """Its source, its ends, and how large it is."""
    found = query(models, CUT)
    assert found.columns == ["source", "input", "output", "nodes", "parameters"]
    [row] = found.rows
    assert [str(each) for each in row] == ["alexnet_a@1", "relu", "fc", "9", "8192"]
    [cut] = found.slices
    assert str(cut) == "alexnet_a@1: relu … fc"
    assert [node.name for node in sliced_network(models, cut).inputs] == ["conv"]


def test_each_version_that_matches_gives_one(models) -> None:
    """Where none does, there is none."""
    text = (
        'slice s from m where m.name like "alexnet%" mutate s.input = m[CONV] and s.output = m[ADD]'
    )
    assert [each.source.name for each in query(models, text).slices] == [
        *("alexnet_a", "alexnet_b", "alexnet-c"),
    ]
    assert query(models, CUT.replace("alexnet_a", "none")).slices == []


@pytest.mark.parametrize(
    ("mutate", "problem"),
    [
        ('s.input = m["relu"]', "a slice needs an output, too"),
        ('s.input = m["relu"] and s.input = m["fc"]', "a slice has one input"),
        ('s.input = m["relu"] and m["fc"].delete', "an input and an output, and no other changes"),
        ('s.input = RELU("a") and s.output = m["fc"]', "an input and an output"),
        ('s.input = m["x"] and s.output = m["fc"]', "0 nodes of alexnet_a@1 where .* one: none"),
        ('s.input = m["[relu,fc]"] and s.output = m["fc"]', "2 nodes of alexnet_a@1 .*: relu, fc"),
        ('s.input = m["fc"] and s.output = m["relu"]', "no path leads from 'fc' to 'relu'"),
        ('s.input = n["relu"] and s.output = m["fc"]', "unknown variable 'n'"),
    ],
)
def test_what_cannot_be_cut_is_told(models, mutate: str, problem: str) -> None:
    """In one line, in its place."""
    text = f'slice s from m where m.name = "alexnet_a" mutate {mutate}'
    with pytest.raises(QueryError, match=problem):
        query(models, text)


def test_a_network_without_edges_cannot_be_cut(models) -> None:
    """The reason is told."""
    text = (
        'slice s from m where m.name = "course" mutate s.input = m["conv"] and s.output = m["fc"]'
    )
    with pytest.raises(QueryError, match="course@1: "):
        query(models, text)


def test_it_needs_the_objects_and_a_framework(models) -> None:
    """Each is told."""
    with Metadata.find(models.root) as brief, pytest.raises(QueryError, match="needs the"):
        query(brief, CUT)
    [cut] = query(models, CUT).slices
    with pytest.raises(InputError):
        sliced_module(models, cut)
