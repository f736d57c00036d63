"""dlv add: stage files for the next commit."""

from collections.abc import Sequence
from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.staged import staged_table
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.add import add


@click.command(epilog=examples("dlv add checkpoints/ config.json train.py", "dlv add --undo *.pt"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--whole", is_flag=True, help="Store these files without looking into them.")
@click.option("--undo", is_flag=True, help="Take them off the stage; the files stay.")
@rows_options
@pass_repository(Metadata)
def command(repository: Metadata, files: Sequence[Path], *, whole: bool, undo: bool) -> None:
    """Stage FILES, and everything in folders, for the next commit.

    Only headers are read now. The commit takes the bytes, and refuses a file that has changed
    since it was staged.
    """
    staged = add(repository, files, whole=whole, remove=undo)
    render(staged, page=staged_table, ids=lambda rows: [row.path for row in rows])
