"""Who is writing: shared and exclusive locks, and a scratch folder for each writer.

docs/spec/repository.md §7 says what the locks promise.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from modelhub import durable
from modelhub.dlv.layout import Layout
from modelhub.errors import LockedError

POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A process that writes to the repository now."""

    pid: int
    host: str
    command: str
    started: str


@contextmanager
def writing(
    layout: Layout, command: str, *, exclusive: bool = False, wait_s: float = 60.0
) -> Iterator[Path]:
    """Hold the repository's lock and a scratch folder of one's own; yields the folder.

    Shared holders write side by side; an exclusive one is alone, and may take away what
    dead writers left.

    Raises:
        LockedError: the lock was not free within `wait_s` seconds; names the processes.
    """
    with durable.reported("lock", layout.lock):
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _acquire(descriptor, layout, exclusive=exclusive, wait_s=wait_s)
        with _scratch(layout, command) as scratch:
            yield scratch
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, layout: Layout, *, exclusive: bool, wait_s: float) -> None:
    mode = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LockedError(_held(layout)) from None
            time.sleep(POLL_S)
        else:
            return


def _held(layout: Layout) -> str:
    holders = owners(layout)
    names = ", ".join(f"pid {o.pid} ({o.command}, on {o.host})" for o in holders)
    return (
        f"the repository {layout.folder} is in use by {names or 'another process'}; "
        "wait until it has finished, then run the command again"
    )


@contextmanager
def _scratch(layout: Layout, command: str) -> Iterator[Path]:
    durable.make_folder(layout.temporary)
    folder = layout.temporary / f"{os.getpid()}-{secrets.token_hex(6)}"
    durable.make_folder(folder)
    owner = folder / "owner"
    facts = {
        "pid": os.getpid(),
        "host": os.uname().nodename,
        "command": command,
        "started": datetime.now(UTC).isoformat(),
    }
    durable.write_file(owner, [json.dumps(facts).encode()])
    descriptor = os.open(owner, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(descriptor)
        discard(folder)


def owners(layout: Layout) -> list[Owner]:
    """The writers that are alive now."""
    found = []
    for file in sorted(layout.temporary.glob("*/owner")):
        try:
            facts = json.loads(file.read_text())
            with file.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            found.append(Owner(**facts))
        except (OSError, ValueError, TypeError):
            continue  # it ended while we looked
    return found


def leftovers(layout: Layout) -> list[Path]:
    """Scratch folders of writers that died; true only under the exclusive lock."""
    living = {owner.pid for owner in owners(layout)}
    if not layout.temporary.is_dir():
        return []
    folders = sorted(layout.temporary.iterdir())
    return [f for f in folders if f.name.partition("-")[0] not in map(str, living)]


def discard(folder: Path) -> None:
    """Delete a scratch folder and the files in it."""
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        durable.remove(file)
    durable.remove_folder(folder)
