"""The repository for commands that only list: opened without the code for tensors."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from modelhub.dlv.metadata import Metadata

P = ParamSpec("P")


def pass_metadata(function: Callable[Concatenate[Metadata, P], Any]) -> Callable[P, Any]:
    """Give a command the metadata of the repository of `DLV_DIR`, or else the nearest one.

    It is closed when the command ends.

    Raises:
        NotARepositoryError: there is none.
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Any:
        metadata = click.get_current_context().with_resource(Metadata.find(Path.cwd()))
        with _uncollected():
            return function(metadata, *args, **kwargs)

    return wrapped


@contextmanager
def _uncollected() -> Iterator[None]:
    """Build rows, which make no cycles, without the collector that would look for some."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
