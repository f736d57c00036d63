"""dlv copy: start a new model from a version of another."""

from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.copy import Copied, copy
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import counted


@click.command(
    epilog=examples("dlv copy lenet lenet-wide", "dlv copy lenet@2 child --to runs/child")
)
@click.argument("source")
@click.argument("name")
@click.option("--to", type=click.Path(path_type=Path), help="The folder; ./NAME by default.")
@output_options
@pass_repository(ReadableRepository)
def command(repository: ReadableRepository, source: str, name: str, *, to: Path | None) -> None:
    """Write the files of SOURCE into a folder, to start the model NAME from them.

    The first commit of NAME will descend from SOURCE.
    """
    with progress() as told:
        done = copy(repository, source, name, to=to, progress=told)
    render(done, page=_page, ids=lambda each: each.files)


def _page(done: Copied) -> str:
    return (
        f"copied {counted(len(done.files), 'file')} of {done.source} to {done.folder}\n"
        f"change them, then: dlv commit {done.name} {done.folder.name}"
    )
