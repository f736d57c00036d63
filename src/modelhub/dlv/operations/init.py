"""dlv init: start a repository."""

from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.base import BaseRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """The outcome of `init`: where the repository's hidden folder is."""

    folder: Path


def init(root: Path) -> Initialised:
    """Start a repository in a folder, which is made if it is not there.

    Raises:
        ConflictError: there is one already.
    """
    with BaseRepository.init(root) as repository:
        return Initialised(folder=repository.layout.folder)
