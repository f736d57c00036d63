"""File operations that survive a crash: every write, flush and rename goes through here.

Nothing else in the package creates, renames or deletes files of a repository.
That makes one list of all instants at which a process can be killed: tests set `checkpoint`
and die, or run out of disk, at each of them.
"""

import errno
import os
import secrets
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from modelhub.errors import StorageError

Buffer = bytes | bytearray | memoryview

BEHIND = 4  # parts of an output that wait to be written
SMALL_PART = 1 << 16  # bytes; handing over less costs more than writing it


def _nothing(step: str, path: Path) -> None:
    """Called before each operation."""


checkpoint: Callable[[str, Path], None] = _nothing


@contextmanager
def reported(action: str, path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one line that says the way out.

    Raises:
        StorageError: disk full, quota, read-only file system, no permission, too many files.
    """
    advice = {
        errno.ENOSPC: "the disk is full; free some space and run the command again",
        errno.EDQUOT: "your disk quota is used up; free some space and run the command again",
        errno.EROFS: "the file system is read-only",
        errno.EACCES: "permission denied; check who owns the folder",
        errno.EPERM: "operation not permitted; check who owns the folder",
        errno.EMFILE: "too many open files; raise the limit with ulimit -n",
        errno.EIO: "the device reports an error; copy your data away from it",
    }
    try:
        yield
    except OSError as error:
        if error.errno not in advice:
            raise
        raise StorageError(f"cannot {action} {path}: {advice[error.errno]}") from error


def free_bytes(folder: Path) -> int:
    """How much may still be written to the disk that a folder is on."""
    with reported("examine", folder):
        return shutil.disk_usage(folder).free


def make_folder(path: Path) -> None:
    """Create a folder and its parents, each of them durable."""
    if path.is_dir():
        return
    make_folder(path.parent)
    checkpoint("mkdir", path)
    with reported("create", path):
        path.mkdir(exist_ok=True)
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Make the entries of a folder (names that were added, renamed, removed) durable."""
    checkpoint("flush-folder", path)
    with reported("flush", path):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_file(path: Path, parts: Iterable[Buffer], *, mode: int = 0o666) -> None:
    """Create a file that must not exist yet; its bytes are durable on return, its name is not."""
    checkpoint("create", path)
    with reported("write", path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            for part in parts:
                _write_all(file.fileno(), part, path)
            checkpoint("flush", path)
            os.fsync(file.fileno())


def _write_all(descriptor: int, part: Buffer, path: Path) -> None:
    rest = memoryview(part).cast("B") if len(part) else memoryview(b"")
    while rest:
        checkpoint("write", path)
        rest = rest[os.write(descriptor, rest) :]


def write_output(path: Path, parts: Iterable[Buffer], *, mode: int = 0o666) -> None:
    """Write a file for the user, atomically: it appears whole or not at all.

    Its bytes are handed to the operating system and not flushed to the device, as `cp` does:
    what must outlive a power cut is the repository, from which the file can be made again.
    What raises in `parts` leaves the file as it was. Parts are written while the next ones are
    made, so that nobody may change one that was given.
    """
    with open_output(path, mode=mode) as file, _Behind(file.fileno(), path) as behind:
        for part in parts:
            behind.write(part)


class _Behind:
    """Writes on a thread of its own, in order, at most a few parts behind.

    At the end of its block everything is written, or an error of the block or of a write is
    raised; in any case no write is under way.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self._thread = ThreadPoolExecutor(1, "modelhub-write")
        self._waiting: deque[Future[None]] = deque()

    def write(self, part: Buffer) -> None:
        """Take a part; a small one that waits for no other is written at once."""
        if not self._waiting and len(part) < SMALL_PART:
            self._write(part)
            return
        self._waiting.append(self._thread.submit(self._write, part))
        while self._waiting and (len(self._waiting) > BEHIND or self._waiting[0].done()):
            self._waiting.popleft().result()

    def _write(self, part: Buffer) -> None:
        with reported("write", self._path):
            _write_all(self._descriptor, part, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown(cancel_futures=error is not None)
        if error is None:
            for future in self._waiting:
                future.result()


@contextmanager
def open_output(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A file for the user that gets its name at the end of the block, if nothing raises."""
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with reported("write", path):
        try:
            descriptor = os.open(temporary, flags, mode)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise StorageError(
                f"cannot write {path}: {path.parent} is no folder; make it first"
            ) from error
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            yield file
        with reported("rename to", path):
            temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def rename(source: Path, target: Path) -> None:
    """Give a durable file its final name, atomically; the name is durable on return."""
    checkpoint("rename", target)
    with reported("rename to", target):
        source.replace(target)
    flush_folder(target.parent)


def replace_file(path: Path, data: bytes, *, scratch: Path, mode: int = 0o666) -> None:
    """Replace a small file as a whole: its old or its new bytes are there, never a mixture.

    Args:
        path: the file.
        data: its new bytes.
        scratch: a folder on the same file system.
        mode: permissions, before the umask.
    """
    temporary = scratch / f"{path.name}.{secrets.token_hex(8)}"
    write_file(temporary, [data], mode=mode)
    rename(temporary, path)


def keep_copy(path: Path, target: Path) -> None:
    """Give a file a second name, as a copy; the file system must not need to know links."""
    temporary = target.with_name(f"{target.name}.{secrets.token_hex(8)}")
    with path.open("rb") as file:
        write_file(temporary, iter(lambda: file.read(1 << 20), b""))
    rename(temporary, target)


def remove(path: Path) -> None:
    """Delete a file; one that is gone already is no error."""
    checkpoint("remove", path)
    with reported("delete", path):
        path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """Delete an empty folder; one that is gone already is no error."""
    checkpoint("rmdir", path)
    with reported("delete", path), suppress(FileNotFoundError):
        path.rmdir()
