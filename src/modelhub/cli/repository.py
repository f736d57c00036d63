"""Which repository a command works on."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from modelhub.config import repository_folder
from modelhub.dlv.metadata import Metadata
from modelhub.errors import NotARepositoryError

M = TypeVar("M", bound=Metadata)
P = ParamSpec("P")


def pass_repository(
    kind: type[M],
) -> Callable[[Callable[Concatenate[M, P], Any]], Callable[P, Any]]:
    """Give a command the repository of `DLV_DIR`, or else the nearest one, as first argument.

    It is closed when the command ends.

    Args:
        kind: as what it is opened: the less a command needs, the sooner it starts.

    Raises:
        NotARepositoryError: there is none.
    """

    def decorated(function: Callable[Concatenate[M, P], Any]) -> Callable[P, Any]:
        @wraps(function)
        def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
            repository = kind.find(Path.cwd())
            click.get_current_context().with_resource(repository)
            return function(repository, *args, **kwargs)

        return wrapped

    return decorated


def find_folder() -> Path:
    """The hidden folder of that repository, for what must not open it.

    Raises:
        NotARepositoryError: there is none.
    """
    folder = repository_folder(Path.cwd())
    if folder is None:
        raise NotARepositoryError(
            f"{Path.cwd()} is not in a repository (no .dlv here or above); start one with: dlv init"
        )
    return folder
