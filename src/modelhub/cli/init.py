"""dlv init: start a repository."""

from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.dlv.operations.init import Initialised, init


@click.command(epilog=examples("dlv init", "dlv init models"))
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@output_options
def command(folder: Path) -> None:
    """Start a repository in FOLDER, or here. Nothing outside FOLDER/.dlv is touched."""
    render(init(folder), page=_page, ids=lambda done: [str(done.folder)])


def _page(done: Initialised) -> str:
    return f"started a repository in {done.folder}"
