"""Paths of a version's files: which are allowed, and how they are written safely."""

import os
import unicodedata
from pathlib import Path, PurePosixPath

from modelhub.errors import InputError

MAX_PATH_BYTES = 4096
_REFUSED = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # control, formatting (bidi), surrogates, separators


def check_path(path: str) -> str:
    """The path as it is, if a version may hold it (docs/spec/manifest.md §2).

    Raises:
        InputError: says which rule it breaks.
    """
    parts = path.split("/")
    if not path or any(part in {"", ".", ".."} for part in parts):
        raise InputError(f"the path {path!r} is not a plain relative path")
    if any(unicodedata.category(c) in _REFUSED for c in path):
        raise InputError(
            f"the path {path!r} has control or formatting characters in it; rename the file"
        )
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise InputError(f"the path {path[:60]!r}… is longer than {MAX_PATH_BYTES} bytes")
    return path


def relative_path(path: Path, root: Path) -> str:
    """The path of a file below `root`, as a version holds it.

    Links in folders above the file are resolved, one in the file's own name is not.

    Raises:
        InputError: it lies outside `root`, or inside the repository's own folder.
    """
    absolute = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow the last link
    absolute = absolute.parent.resolve() / absolute.name
    try:
        relative = absolute.relative_to(root.resolve())
    except ValueError:
        raise InputError(
            f"{path} lies outside the repository's folder {root}; "
            "copy or link it there, or start a repository in a folder above both"
        ) from None
    return check_path(PurePosixPath(relative).as_posix())
