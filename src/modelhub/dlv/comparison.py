"""Versions beside each other, for Python and for notebooks."""

from collections.abc import Sequence

from modelhub.dlv.notebook import notebook_html
from modelhub.dlv.operations.diff import Difference
from modelhub.dlv.pages.differences import differences_document
from modelhub.dlv.reading import ReadableRepository


class VersionComparison:
    """A version beside others; a notebook shows the page that `dlv diff --html` writes.

    Attributes:
        differences: what differs between the first version and each other, in their order.
    """

    def __init__(self, repository: ReadableRepository, differences: Sequence[Difference]) -> None:
        self._repository = repository
        self.differences = differences

    def __str__(self) -> str:
        after = ", ".join(str(each.after) for each in self.differences)
        return f"{self.differences[0].before} → {after}"

    def __repr__(self) -> str:
        return f"VersionComparison({self})"

    def _repr_html_(self) -> str:
        page = differences_document(self._repository, self.differences)
        return notebook_html([str(self), *page])
