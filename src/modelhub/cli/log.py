"""dlv log: the history of a version."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.main_metric import read_courses
from modelhub.cli.metadata import pass_metadata
from modelhub.cli.render import render, rows_options
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.list import log
from modelhub.dlv.pages.versions import MOST, history_document, versions_table


@click.command(epilog=examples("dlv log lenet", "dlv log lenet@3 -n 2", "dlv log child -q"))
@click.argument("revision")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Only so many.")
@rows_options
@pass_metadata
def command(repository: Metadata, revision: str, *, limit: int | None) -> None:
    """Show a version and everything that it was made from, the newest first.

    A page (--html) overlays the curves of the metric that says most.
    """
    render(
        log(repository, revision, limit=limit),
        page=lambda rows: versions_table(rows, is_tree=False),
        ids=lambda rows: [row.version.id for row in rows],
        title=f"History of {revision}",
        document=lambda rows: list(history_document(rows, read_courses(repository, rows[:MOST]))),
    )
