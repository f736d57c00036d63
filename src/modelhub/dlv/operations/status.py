"""dlv status: what is staged, how a commit would take it, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from modelhub.dlv.locks import Owner, owners
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.staging import StagedFile, read_staging


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of a repository between two commits.

    Attributes:
        folder: the repository's root.
        staged: files for the next commit.
        copied: names that `copy` noted, with the ids of their parents.
        writers: processes that write to the repository now.
    """

    folder: Path
    staged: Sequence[StagedFile]
    copied: dict[str, tuple[str, ...]]
    writers: Sequence[Owner]


def status(repository: Metadata) -> Status:
    """What is staged, what is noted, and who is writing."""
    staging = read_staging(repository.layout)
    return Status(
        folder=repository.root,
        staged=_staged(repository) if staging.files else [],
        copied=dict(staging.parents),
        writers=owners(repository.layout),
    )


def _staged(repository: Metadata) -> Sequence[StagedFile]:
    # Looking into files takes longer to load than all that an empty stage needs.
    found: Sequence[StagedFile] = import_module("modelhub.dlv.staged").staged_files(repository)
    return found
