"""Which repository a command works on."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from modelhub.config import repository_folder
from modelhub.dlv.repository import Repository
from modelhub.errors import NotARepositoryError

P = ParamSpec("P")


def pass_repository(function: Callable[Concatenate[Repository, P], Any]) -> Callable[P, Any]:
    """Give a command the repository of `DLV_DIR`, or else the nearest one, as first argument.

    It is closed when the command ends.

    Raises:
        NotARepositoryError: there is none.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
        repository = click.get_current_context().with_resource(find_repository())
        return function(repository, *args, **kwargs)

    return wrapped


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


def find_repository() -> Repository:
    """Open the repository of `DLV_DIR`, or else the nearest one.

    Raises:
        NotARepositoryError: there is none.
    """
    return Repository.find(Path.cwd())
