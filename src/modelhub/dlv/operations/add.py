"""dlv add: stage files for the next commit."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from modelhub.dlv.metadata import Metadata
from modelhub.dlv.staged import staged_files
from modelhub.dlv.staging import StagedFile, Stamp, read_staging, write_staging
from modelhub.dlv.survey import expand, survey


def add(
    repository: Metadata,
    paths: Sequence[Path],
    *,
    whole: bool = False,
    remove: bool = False,
) -> Sequence[StagedFile]:
    """Stage files, or take them off the stage; what is staged then.

    Only headers are read now: the bytes are taken by `commit`, which refuses a file that has
    changed since.

    Args:
        repository: where to.
        paths: files and folders below the repository's root.
        whole: store these files without looking into them.
        remove: take them off the stage instead.

    Raises:
        InputError: a path is not there, is empty, or lies outside.
        DamagedFileError: a file breaks the rules of the format that it is of.
    """
    with repository.writing("add"):
        staging = read_staging(repository.layout)
        if remove:
            gone = _named(repository, paths, staging.files)
            files = {path: stamp for path, stamp in staging.files.items() if path not in gone}
        else:
            chosen = expand(paths, repository.root)
            survey(repository.root, chosen, whole=chosen if whole else ())
            stamps = {path: Stamp.of(repository.root / path, whole=whole) for path in chosen}
            files = {**staging.files, **stamps}
        staged = replace(staging, files=files)
        write_staging(repository.layout, staged, scratch=repository.scratch())
    return staged_files(repository)


def _named(repository: Metadata, paths: Sequence[Path], staged: Collection[str]) -> set[str]:
    """The staged files that paths name; they need not exist any more."""
    found = set()
    for path in paths:
        relative = path.absolute().relative_to(repository.root).as_posix()
        found |= {each for each in staged if each == relative or each.startswith(relative + "/")}
    return found
