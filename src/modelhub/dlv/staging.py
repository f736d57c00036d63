"""What `dlv add` remembers until `dlv commit`: which files, as they were then."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from modelhub import durable
from modelhub.dlv.layout import Layout
from modelhub.errors import IntegrityError


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
class Stamp:
    """A file's state when it was staged; a commit refuses a file whose stamp has changed."""

    size: int
    mtime_ns: int
    inode: int
    whole: bool = False

    @classmethod
    def of(cls, path: Path, *, whole: bool = False) -> "Stamp":
        """The stamp of a file now."""
        found = path.stat()
        return cls(size=found.st_size, mtime_ns=found.st_mtime_ns, inode=found.st_ino, whole=whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """The staged files by path, and what `dlv copy` noted: parents of versions to come.

    `parents` maps a name to the version ids that its next version descends from.
    """

    files: Mapping[str, Stamp] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_staging(layout: Layout) -> Staging:
    """What is staged.

    Raises:
        IntegrityError: the file is not legible; says how to begin anew.
    """
    try:
        found = json.loads(layout.staging.read_bytes())
        return Staging(
            files={path: Stamp(**stamp) for path, stamp in found["files"].items()},
            parents={name: tuple(ids) for name, ids in found["parents"].items()},
        )
    except FileNotFoundError:
        return Staging()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(
            f"{layout.staging} is damaged ({error!r}); delete it and add the files again"
        ) from error


def write_staging(layout: Layout, staging: Staging, *, scratch: Path) -> None:
    """Replace what is staged, as a whole."""
    found = {
        "files": {path: asdict(stamp) for path, stamp in sorted(staging.files.items())},
        "parents": {name: list(ids) for name, ids in sorted(staging.parents.items())},
    }
    data = json.dumps(found, indent=1).encode() + b"\n"
    durable.replace_file(layout.staging, data, scratch=scratch)
