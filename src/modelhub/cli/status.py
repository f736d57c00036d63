"""dlv status: what is staged, and what each file is taken for."""

from collections.abc import Iterator

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.staged import staged_table
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.status import Status, status
from modelhub.pages import Block


@click.command(epilog=examples("dlv status", "dlv status --json"))
@rows_options
@pass_repository(Metadata)
def command(repository: Metadata) -> None:
    """Show what is staged, and what each file is taken for."""
    found = status(repository)
    render(
        found,
        page=lambda each: list(_page(each)),
        ids=lambda each: [row.path for row in each.staged],
    )


def _page(found: Status) -> Iterator[Block]:
    yield staged_table(found.staged)
    for name, parents in found.copied.items():
        yield f"the first version of {name} will descend from {', '.join(p[:12] for p in parents)}"
    for owner in found.writers:
        yield f"pid {owner.pid} on {owner.host} is writing ({owner.command})"
