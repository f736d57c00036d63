"""dlv copy: scaffold a new model from an old one."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from modelhub.dlv.catalog.versions import files_of, latest_of, version_row
from modelhub.dlv.naming import resolve
from modelhub.dlv.operations.checkout import checkout
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.revisions import check_name
from modelhub.dlv.staging import read_staging, write_staging
from modelhub.dlv.versions import VersionRef
from modelhub.errors import ConflictError
from modelhub.values import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The outcome of a copy.

    Attributes:
        source: the version that was copied.
        name: the new model, whose first commit will descend from it.
        folder: where the files are.
        files: their paths, relative to `folder`.
    """

    source: VersionRef
    name: str
    folder: Path
    files: Sequence[str]


def copy(
    repository: ReadableRepository,
    source: str,
    name: str,
    *,
    to: Path | None = None,
    progress: Progress | None = None,
) -> Copied:
    """Write the files of `source` into a folder, and note it as the parent of `name`.

    The folder that all files of `source` have in common is left off their paths: what lay in
    `lenet/` lies in `to` then.

    Args:
        repository: where.
        source: the revision to start from.
        name: the new model.
        to: the folder; one named like the model, below the repository's root, if None.
        progress: told of bytes as they are written.

    Raises:
        ConflictError: the name has versions already, or files are in the way.
        InputError: the name is not a possible one.
    """
    check_name(name)
    ref = resolve(repository, source)
    if latest_of(repository.catalog, name) is not None:
        raise ConflictError(
            f"{name} has versions already; choose another name, or commit to it with: "
            f"dlv commit {name} --parent {ref}"
        )
    folder = to or repository.root / name
    common = _common_folder(repository, ref)
    done = checkout(repository, ref.id, to=folder, below=common, progress=progress)
    with repository.writing("copy"):
        staging = read_staging(repository.layout)
        noted = replace(staging, parents={**staging.parents, name: (ref.id,)})
        write_staging(repository.layout, noted, scratch=repository.scratch())
    files = sorted([*done.written, *done.unchanged])
    return Copied(source=ref, name=name, folder=done.folder, files=files)


def _common_folder(repository: ReadableRepository, ref: VersionRef) -> str:
    """The folder that all files of a version lie in, with `/` at its end; empty if none."""
    row = version_row(repository.catalog, ref.id)
    assert row is not None
    folders = [posixpath.dirname("/" + f.path) for f in files_of(repository.catalog, row.key)]
    common = posixpath.commonpath(folders) if folders else "/"
    return "" if common == "/" else common[1:] + "/"
