"""Tests of `modelhub.dlv.explaining`."""

from kindred import fill, tuned

from modelhub.dlv.operations.archive import ArchiveOptions, archive
from modelhub.dlv.operations.commit import commit_state


def rows(repository, revision, *named, **options):
    given = ArchiveOptions(explained=revision, dry_run=True, **options)
    return {row.name: row for row in archive(repository, named, options=given).explained}


def test_what_resembles_nothing(repository):
    """There is one way, and it is said."""
    commit_state(repository, "one", tuned(1))
    found = rows(repository, "one")

    assert found["fc"].why == "nothing that is stored resembles it"
    assert (found["fc"].base, found["fc"].depth) == (None, 0)


def test_a_delta_names_what_it_leans_on(repository):
    """The revision and the name where its base is found first."""
    fill(repository, 3)
    found = rows(repository, "net@3", alpha=50)["fc"]

    assert found.base in ("net@1/final::fc", "net@2/final::fc")
    assert found.depth >= 1
    assert "smallest of" in found.why or "stays as it is" in found.why


def test_what_a_budget_forbids(repository):
    """How many bytes it costs."""
    fill(repository, 3)
    found = rows(repository, "net@3", alpha=1)["fc"]

    assert found.base is None
    assert "bytes smaller; a budget" in found.why
