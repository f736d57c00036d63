"""dlv status: what is staged, how a commit would take it, and what changed since."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.locks import Owner, owners
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.staging import Stamp, read_staging
from modelhub.dlv.survey import SurveyedFile, survey
from modelhub.errors import DamagedFileError


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """A staged file.

    Attributes:
        path: relative to the repository's root.
        state: "staged", "changed" since it was added, or "vanished".
        role: weights, optimizer, log, config or other.
        snapshot: the snapshot that it would belong to.
        tensors: how many tensors it holds.
        size: bytes.
        note: what the user should know about it.
    """

    path: str
    state: str
    role: str = ""
    snapshot: str | None = None
    tensors: int = 0
    size: int = 0
    note: str = ""


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
    return Status(
        folder=repository.root,
        staged=staged_files(repository),
        copied=dict(read_staging(repository.layout).parents),
        writers=owners(repository.layout),
    )


def staged_files(repository: Metadata) -> list[StagedFile]:
    """The staged files, as a commit would take them now."""
    staging = read_staging(repository.layout)
    states = {path: _state(repository.root / path, stamp) for path, stamp in staging.files.items()}
    present = [path for path, state in states.items() if state != "vanished"]
    whole = [path for path in present if staging.files[path].whole]
    try:
        surveyed = {each.path: each for each in survey(repository.root, present, whole=whole)}
    except DamagedFileError as error:
        note = str(error)
        return [
            StagedFile(path=p, state=s, note=note if p in note else "") for p, s in states.items()
        ]
    found = []
    for path, state in states.items():
        each = surveyed.get(path)
        if each is None:
            found.append(StagedFile(path=path, state=state))
            continue
        found.append(as_staged(each, state))
    return found


def as_staged(file: SurveyedFile, state: str) -> StagedFile:
    """A surveyed file in a list of staged ones."""
    return StagedFile(
        path=file.path,
        state=state,
        role=file.role,
        snapshot=file.snapshot,
        tensors=len(file.layout.tensors),
        size=file.layout.size,
        note=file.layout.note,
    )


def _state(file: Path, stamp: Stamp) -> str:
    if not file.is_file():
        return "vanished"
    return "staged" if Stamp.of(file, whole=stamp.whole) == stamp else "changed"
