"""Queries, run on a small repository."""

import pytest
from small_networks import small_captured, small_state

from modelhub.dlv.operations.commit import CommitOptions, commit_state
from modelhub.dlv.repository import Repository
from modelhub.dql import format_script, parse, query
from modelhub.errors import QueryError


@pytest.fixture
def models(tmp_path):
    with Repository.init(tmp_path) as found:
        for name, kind, accuracy in (("a", "MAX", 0.9), ("b", "AVG", 0.8)):
            options = CommitOptions(
                network=small_captured(kind=kind), metrics={"accuracy": accuracy}
            )
            commit_state(found, f"alexnet_{name}", small_state(1), options=options)
        yield found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('select m where m.name like " alexnet_ %"', ["alexnet_a@1", "alexnet_b@1"]),
        ("select m where not m.accuracy > 0.85", ["alexnet_b@1"]),
        ('select m where m["relu"].next has POOL("MAX")', ["alexnet_a@1"]),
        ('select m where m["conv"].next via (RELU) has POOL("AVG")', ["alexnet_b@1"]),
    ],
)
def test_a_condition_leaves_the_versions_of_which_it_holds(models, text, names) -> None:
    """Metadata and structure are mixed freely."""
    assert [str(each) for each in query(models, text).versions] == names
    assert parse(format_script(parse(text))) == parse(text)


def test_an_empty_result_names_what_would_match(models) -> None:
    """One step does not skip the activation; the note says so."""
    found = query(models, 'select m where m["conv"].next has POOL("MAX")')
    assert found.notes[-1].startswith("1 version matches with:")


def test_an_unknown_name_is_shown_in_its_place(models) -> None:
    """The place and the right word."""
    with pytest.raises(QueryError, match="did you mean 'accuracy'") as caught:
        query(models, "select m where m.accurcy > 1")
    assert (caught.value.line, caught.value.column) == (1, 18)
