"""dlv log: the history of a version."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.versions import versions_table
from modelhub.dlv.operations.list import log
from modelhub.dlv.repository import Repository


@click.command(epilog=examples("dlv log lenet", "dlv log lenet@3 -n 2", "dlv log child -q"))
@click.argument("revision")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Only so many.")
@rows_options
@pass_repository
def command(repository: Repository, revision: str, *, limit: int | None) -> None:
    """Show a version and everything that it was made from, the newest first."""
    render(
        log(repository, revision, limit=limit),
        page=lambda rows: versions_table(rows, is_tree=False),
        ids=lambda rows: [row.version.id for row in rows],
    )
