"""The curves beside versions in a list, for commands that open metadata only."""

from collections.abc import Sequence

from modelhub import dlv
from modelhub.dlv.courses import MainCourses
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.list import ListedVersion


def read_courses(
    metadata: Metadata, rows: Sequence[ListedVersion], metric: str = ""
) -> MainCourses:
    """How `metric`, or else the one that says most, went in each version.

    Cost: the code that reads objects is loaded here, and the history of each row is read.
    """
    with dlv.Repository.open(metadata.root) as repository:
        ids = [row.version.id for row in rows]
        return dlv.main_courses(repository, ids, metric=metric)
