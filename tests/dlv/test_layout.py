"""The places of a repository."""

from pathlib import Path

from modelhub.dlv.layout import Layout


def test_the_places_are_those_of_the_specification() -> None:
    """docs/spec/repository.md §1."""
    layout = Layout(Path("/r/.dlv"))
    names = [layout.format, layout.catalog, layout.objects, layout.staging, layout.temporary]
    assert [path.name for path in [*names, layout.lock, layout.remotes, layout.transit]] == [
        *("format", "catalog.db", "objects", "staging.json", "tmp", "lock"),
        *("remotes.json", "transit"),
    ]
