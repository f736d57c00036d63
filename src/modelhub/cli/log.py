"""dlv log: the history of a version."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.metadata import pass_metadata
from modelhub.cli.render import render, rows_options
from modelhub.cli.versions import versions_table
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.list import log


@click.command(epilog=examples("dlv log lenet", "dlv log lenet@3 -n 2", "dlv log child -q"))
@click.argument("revision")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Only so many.")
@rows_options
@pass_metadata
def command(repository: Metadata, revision: str, *, limit: int | None) -> None:
    """Show a version and everything that it was made from, the newest first."""
    render(
        log(repository, revision, limit=limit),
        page=lambda rows: versions_table(rows, is_tree=False),
        ids=lambda rows: [row.version.id for row in rows],
    )
