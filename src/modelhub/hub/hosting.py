"""dlv serve: one process that hosts a hub."""

import errno
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from modelhub import durable
from modelhub.errors import ConflictError, InputError, StorageError
from modelhub.hub.accounts import Accounts, check_account
from modelhub.hub.api import application
from modelhub.hub.database import Database
from modelhub.hub.library import Library

BACKLOG = 128
PATIENCE_S = 30  # that requests get to end when the hub is stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A hub that answers.

    Attributes:
        url: where.
        folder: of its data.
        admin: the name of the first account, if this start made it.
        token: its token, which is not shown again.
    """

    url: str
    folder: Path
    admin: str | None
    token: str | None


class _Server(uvicorn.Server):
    """Says when it answers; a signal that stops it is an end like any other."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        stopping = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(each, self.handle_exit) for each in stopping]
        try:
            yield
        finally:
            for number, handler in zip(stopping, before, strict=True):
                signal.signal(number, handler)


def serve(
    folder: Path, *, host: str, port: int, admin: str, ready: Callable[[Started], None]
) -> None:
    """Host the hub in a folder until SIGINT or SIGTERM; requests under way are answered.

    Args:
        folder: its data; made, with a first account, if it is not there.
        host: address to listen at.
        port: 0 takes any that is free.
        admin: what the first account is called.
        ready: called once it answers.

    Raises:
        ConflictError: the port is in use.
        InputError: the host is no address of this machine.
        StorageError: the folder cannot be written.
    """
    check_account(admin)
    folder = folder.absolute()
    listening = _listen(host, port)
    try:
        durable.make_folder(folder)
        database = Database.open(folder / "hub.db")
        accounts = Accounts(database)
        token = accounts.first(admin)
        library = Library(folder, database, accounts)
        library.catch_up_behind()
        started = Started(
            url=_url(host, listening),
            folder=folder,
            admin=admin if token else None,
            token=token,
        )
        config = uvicorn.Config(
            application(library, accounts),
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=PATIENCE_S,
        )
        _Server(config, lambda: ready(started)).run(sockets=[listening])
        library.close()
        database.close()
    finally:
        listening.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.socket(family)
    except OSError as error:
        raise InputError(f"{host!r:.80} is no address to listen at: {error.strerror}") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ConflictError(
                f"port {port} of {host} is in use; choose another one with --port, or 0 for any"
            ) from None
        if error.errno == errno.EACCES:
            raise StorageError(
                f"port {port} may not be used by you; choose one from 1024"
            ) from None
        raise InputError(f"cannot listen at {host} port {port}: {error.strerror}") from None
    return listening


def _url(host: str, listening: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"
