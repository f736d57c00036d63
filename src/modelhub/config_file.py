"""Settings files as they are changed: a value in or out, comments and order kept."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from modelhub import durable
from modelhub.config import Value, from_text, key_of, parsed, text_of
from modelhub.errors import InputError, NotFoundError


def set_value(path: Path, name: str, text: str, *, scratch: Path | None = None) -> Value:
    """Write a setting into a file, keeping its comments and its order.

    Args:
        path: the file, which need not be there yet.
        name: a known key.
        text: its value, as typed.
        scratch: a folder on the same file system; the file's own folder if None.

    Raises:
        NotFoundError: no setting is called so.
        InputError: it cannot have that value, or the file is no TOML.
    """
    key = key_of(name)
    value = from_text(key, text, "the command line")
    table, _, last = name.partition(".")

    def change(document: tomlkit.TOMLDocument) -> None:
        if table not in document:
            document.add(table, tomlkit.table())
        _table(document, table, path)[last] = value

    _edit(path, change, scratch)
    return value


def unset_value(path: Path, name: str, *, scratch: Path | None = None) -> None:
    """Take a setting out of a file, keeping the rest as it is.

    Raises:
        NotFoundError: no setting is called so, or the file does not say it.
        InputError: the file is no TOML.
    """
    key_of(name)
    table, _, last = name.partition(".")

    def change(document: tomlkit.TOMLDocument) -> None:
        if table not in document or last not in _table(document, table, path):
            raise NotFoundError(f"{path} does not set {name}; see where it is set: dlv config")
        _table(document, table, path).remove(last)

    _edit(path, change, scratch)


def _table(document: tomlkit.TOMLDocument, name: str, path: Path) -> Table:
    found = document[name]
    if not isinstance(found, Table):
        raise InputError(f"{path}: {name} is no table; write [{name}] on a line of its own")
    return found


def _edit(path: Path, change: Callable[[tomlkit.TOMLDocument], None], scratch: Path | None) -> None:
    durable.make_folder(path.parent)
    with _alone(path.parent):
        text = text_of(path)
        parsed(path, text)  # one wording for what is wrong with a file
        document = tomlkit.parse(text)
        change(document)
        target = path
        if path.is_symlink():  # dotfiles often are links into a folder that is under git
            target, scratch = path.resolve(), None
        data = tomlkit.dumps(document).encode()
        durable.replace_file(target, data, scratch=scratch or target.parent)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change settings in a folder."""
    with durable.reported("open", folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network file systems lock no folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
