"""Look at files before they are committed: what each is, which snapshot it belongs to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelhub.dlv.paths import relative_path
from modelhub.dlv.roles import (
    CONFIG,
    FINAL,
    LOG,
    OPTIMIZER,
    WEIGHTS,
    role_of,
    step_in,
    step_of,
    weight_names,
)
from modelhub.dlv.versions import Weights
from modelhub.errors import InputError
from modelhub.recipes import Layout, read_layouts
from modelhub.values import Shape
from modelhub.wrappers import wrapper_of

SETTINGS_WRAPPERS = {"settings", "arguments", "training_args"}
_SKIPPED_FOLDERS = {"__pycache__", "node_modules"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedFile:
    """A file as a commit would take it.

    Attributes:
        path: relative to the repository's root.
        layout: which of its bytes are tensors.
        role: weights, optimizer, log, config or other.
        wrapper: who reads metrics or settings from it, or None.
        snapshot: the snapshot that it belongs to, or None.
        step: that snapshot's step, or None.
    """

    path: str
    layout: Layout
    role: str
    wrapper: str | None
    snapshot: str | None
    step: int | None


def expand(paths: Iterable[Path], root: Path) -> list[str]:
    """The files that paths name, folders walked, relative to `root`, each once, sorted.

    In folders, hidden files and folders and linked folders are passed over.

    Raises:
        InputError: a path is not there, is no file, is empty, or lies outside `root`.
    """
    found: set[str] = set()
    for path in paths:
        if path.is_dir():
            inside = [relative_path(file, root) for file in _walk(path)]
            if not inside:
                raise InputError(f"the folder {path} holds no files that can be added")
            found.update(inside)
        else:
            found.add(_checked(path, root))
    return sorted(found)


def _checked(path: Path, root: Path) -> str:
    if not path.exists():
        raise InputError(f"{path} does not exist; nothing was added")
    if not path.is_file():
        raise InputError(f"{path} is neither a file nor a folder; nothing was added")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty; nothing was added. Is it still being written?")
    relative = relative_path(path, root)
    if relative.split("/")[0] == ".dlv":
        raise InputError(f"{path} belongs to the repository itself; nothing was added")
    return relative


def _walk(folder: Path) -> Iterable[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if not entry.is_symlink() and entry.name not in _SKIPPED_FOLDERS:
                yield from _walk(entry)
        elif entry.is_file() and entry.stat().st_size:
            yield entry


def survey(
    root: Path,
    paths: Sequence[str],
    *,
    whole: Collection[str] = (),
    snapshot: str | None = None,
    step: int | None = None,
) -> list[SurveyedFile]:
    """What a commit of these files would take; only their headers are read.

    Raises:
        DamagedFileError: a file breaks the rules of the format that it is of.
    """
    layouts = read_layouts(root, paths, whole=whole)
    wrappers = {path: wrapper_of(root / path) for path in paths}
    roles = {
        path: role_of(
            path,
            layouts[path],
            is_log=wrappers[path] is not None and wrappers[path] not in SETTINGS_WRAPPERS,
            is_settings=wrappers[path] in SETTINGS_WRAPPERS,
        )
        for path in paths
    }
    places = _places(layouts, roles, snapshot=snapshot, step=step)
    return [
        SurveyedFile(
            path=path,
            layout=layouts[path],
            role=roles[path],
            wrapper=wrappers[path] if roles[path] in (LOG, CONFIG) else None,
            snapshot=places[path][0],
            step=places[path][1],
        )
        for path in paths
    ]


Place = tuple[str | None, int | None]


def _places(
    layouts: Mapping[str, Layout],
    roles: Mapping[str, str],
    *,
    snapshot: str | None,
    step: int | None,
) -> dict[str, Place]:
    """The snapshot and step of each file; only snapshots that hold weights count."""
    found = {
        path: _place_of_weights(path, layouts[path], snapshot=snapshot, step=step)
        for path, role in roles.items()
        if role == WEIGHTS
    }
    known = {name: place for place in found.values() for name in place[:1]}
    for path, role in roles.items():
        if role != WEIGHTS:
            named = step_of(path)
            own = named.name if named is not None else None
            if role == OPTIMIZER and own is None and len(known) == 1:
                own = next(iter(known))
            found[path] = known.get(own, (None, None))
    return found


def _place_of_weights(
    path: str, layout: Layout, *, snapshot: str | None, step: int | None
) -> Place:
    named = step_of(path) or step_in(layout)
    number = step if step is not None else named.number if named is not None else None
    if snapshot is not None:
        return snapshot, number
    if step is not None:
        return f"step-{step}", step
    return (named.name, named.number) if named is not None else (FINAL, None)


def surveyed_weights(files: Sequence[SurveyedFile]) -> list[Weights]:
    """The tensors of each snapshot, in the order in which a commit has them."""
    found: dict[str, dict[str, tuple[str, Shape]]] = {}
    steps: dict[str, int | None] = {}
    for file in files:
        if file.role == WEIGHTS and file.snapshot:
            steps[file.snapshot] = file.step
            tensors = found.setdefault(file.snapshot, {})
            for index, name in weight_names(file.layout).items():
                named = file.layout.tensors[index]
                shape = named.shape if named.view is None else named.view.shape
                tensors.setdefault(name, (named.dtype, tuple(shape)))
    ordered = sorted(steps.items(), key=lambda item: (item[1] is None, item[1] or 0, item[0]))
    return [Weights(snapshot=name, tensors=found[name]) for name, _ in ordered if found[name]]
