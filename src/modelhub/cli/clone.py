"""dlv clone: start a repository with all that a remote has."""

from collections.abc import Iterator
from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.fetched import fetched_page
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.remotes import Cloned, clone


@click.command(epilog=examples("dlv clone file:///srv/models", "dlv clone file:///srv/models here"))
@click.argument("address")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@output_options
def command(address: str, folder: Path | None) -> None:
    """Start a repository in FOLDER with all versions of the remote at ADDRESS.

    FOLDER is named like the remote if it is left out. The remote is called origin in it. A clone
    that was cut off goes on when it is run again.
    """
    with progress() as told:
        done = clone(address, folder or Path(address.rstrip("/").rpartition("/")[2]), progress=told)
    render(done, page=lambda each: list(_page(each)), ids=lambda each: [str(each.folder)])


def _page(done: Cloned) -> Iterator[str]:
    yield f"cloned {done.fetched.remote} into {done.folder}"
    yield from fetched_page(done.fetched)
