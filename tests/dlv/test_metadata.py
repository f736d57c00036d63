"""The half of a repository that reads no objects."""

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.list import list_versions


def test_it_is_enough_to_list(repository, state, root) -> None:
    """The same versions as the whole repository has."""
    repository.commit("net", state)
    with Metadata.find(root) as metadata:
        assert [row.version.name for row in list_versions(metadata)] == ["net"]
        assert metadata.settings.gc_grace_days == 14
