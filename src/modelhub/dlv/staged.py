"""What is staged, as a commit would take it now."""

from pathlib import Path

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.staging import StagedFile, Stamp, read_staging
from modelhub.dlv.survey import SurveyedFile, survey
from modelhub.errors import DamagedFileError


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
