"""dlv checkout: write a version's files, byte for byte as they were committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from modelhub import durable
from modelhub.dlv.catalog.versions import files_of, snapshot_rows, version_row
from modelhub.dlv.files import file_parts
from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.paths import check_path
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.revisions import candidates
from modelhub.dlv.versions import VersionFile, VersionRef
from modelhub.errors import ConflictError, InputError, NotFoundError
from modelhub.identity import hasher
from modelhub.values import Progress

READ_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedOut:
    """The outcome of a checkout.

    Attributes:
        version: what was checked out.
        folder: where its files are now.
        written: paths of files that were written, relative to `folder`.
        unchanged: paths of files that had these bytes already.
        size: bytes written.
    """

    version: VersionRef
    folder: Path
    written: Sequence[str]
    unchanged: Sequence[str]
    size: int


def checkout(
    repository: ReadableRepository,
    revision: str,
    *,
    to: Path | None = None,
    paths: Sequence[str] = (),
    snapshot: str | None = None,
    below: str = "",
    force: bool = False,
    progress: Progress | None = None,
) -> CheckedOut:
    """Write the files of a version, by default where they were added from.

    A revision that names a snapshot means that snapshot's files. Nothing is written if any file
    would be overwritten, unless `force` is set. Every file
    appears whole and verified, or not at all.

    Args:
        repository: where from.
        revision: what.
        to: the folder that paths are relative to; the repository's root if None.
        paths: only files whose path matches one of these (globs).
        snapshot: only files of this snapshot.
        below: begins the paths of the files that are meant, and is left off, as `runs/a/`.
        force: overwrite files that differ.
        progress: told of bytes as they are written.

    Raises:
        ConflictError: a file with other bytes is in the way.
        InputError: the revision names tensors.
        NotFoundError: no such revision, or nothing matches.
    """
    found = resolve_all(repository, revision, snapshot=snapshot)
    if found.tensors is not None:
        raise InputError(
            f"a file is written whole, not {found.tensors!r} of it; take tensors back with: "
            f"dlv checkout {revision!r} --as safetensors"
        )
    folder = (to or repository.root).absolute()
    if folder.exists() and not folder.is_dir():
        raise ConflictError(f"{folder} is a file; name a folder with --to, it is made if need be")
    files = [f for f in _selected(repository, found, paths) if f.path.startswith(below)]
    places = {file.path: _place(folder, file.path[len(below) :]) for file in files}
    different, same = _compare(files, places)
    if different and not force:
        raise ConflictError(_in_the_way(different, folder))
    todo = [file for file in files if file.path not in same]
    _write(repository, todo, places, progress)
    return CheckedOut(
        version=found.ref,
        folder=folder,
        written=[file.path[len(below) :] for file in todo],
        unchanged=sorted(path[len(below) :] for path in same),
        size=sum(file.size for file in todo),
    )


def _selected(
    repository: ReadableRepository, found: Resolved, paths: Sequence[str]
) -> list[VersionFile]:
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    chosen = files = files_of(repository.catalog, row.key)
    if found.names_snapshot:
        snapshot = found.snapshot(snapshot_rows(repository.catalog, row.key))
        chosen = [file for file in files if file.snapshot == snapshot.name]
    if paths:
        chosen = [f for f in chosen if any(_matches(f.path, pattern) for pattern in paths)]
        if not chosen:
            raise NotFoundError(
                f"no file of {found.ref} matches {', '.join(paths)}; "
                f"{candidates(paths[0], [file.path for file in files])}"
            )
    return chosen


def _matches(path: str, pattern: str) -> bool:
    folder = pattern.rstrip("/") + "/"
    return fnmatchcase(path, pattern) or path.startswith(folder)


def _place(folder: Path, path: str) -> Path:
    """Where a file goes; no link below `folder` is followed.

    Raises:
        ConflictError: a folder on the way is a link or a file.
    """
    place = folder
    *above, name = check_path(path).split("/")
    for part in above:
        place = place / part
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise ConflictError(
                f"{place} is a link or a file where {path} needs a folder; move it away"
            )
    if (place / name).is_dir() and not (place / name).is_symlink():
        raise ConflictError(f"{place / name} is a folder where {path} needs a file; move it away")
    return place / name


def _compare(
    files: Sequence[VersionFile], places: dict[str, Path]
) -> tuple[list[VersionFile], set[str]]:
    """The files whose place is taken by other bytes, and the paths of those that are there."""
    different, same = [], set()
    for file in files:
        place = places[file.path]
        if not place.exists() and not place.is_symlink():
            continue
        if _holds(place, file):
            same.add(file.path)
        else:
            different.append(file)
    return different, same


def _holds(place: Path, file: VersionFile) -> bool:
    if not place.is_file() or place.stat().st_size != file.size:
        return False
    digest = hasher()
    with place.open("rb") as opened:
        while data := opened.read(READ_BYTES):
            digest.update(data)
    return bool(digest.hexdigest() == file.id)


def _in_the_way(different: Sequence[VersionFile], folder: Path) -> str:
    names = ", ".join(file.path for file in different[:5])
    more = f" and {len(different) - 5} more" if len(different) > 5 else ""  # noqa: PLR2004 - as above
    return (
        f"{names}{more} in {folder} would be overwritten; nothing was written. "
        "Choose another folder with --to, or overwrite with --force"
    )


def _write(
    repository: ReadableRepository,
    files: Sequence[VersionFile],
    places: dict[str, Path],
    progress: Progress | None,
) -> None:
    total = sum(file.size for file in files)
    done = 0
    for file in files:
        place = places[file.path]
        place.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o777 if file.executable else 0o666
        durable.write_output(place, file_parts(repository, file.id), mode=mode)
        done += file.size
        if progress is not None:
            progress("writing", done, total)
