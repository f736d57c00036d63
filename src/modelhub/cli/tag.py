"""dlv tag: name a version for good."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.naming import give_or_list
from modelhub.cli.render import rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.names import tag


@click.command(epilog=examples("dlv tag lenet@3 v1.0", "dlv tag", "dlv tag --delete lenet@v1.0"))
@click.argument("revision", required=False)
@click.argument("label", required=False)
@click.option("--delete", help="Delete a tag, given as name@label; the version stays.")
@rows_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository, revision: str | None, label: str | None, *, delete: str | None
) -> None:
    """Name the version REVISION for good: it is name@LABEL then. Without arguments, list tags.

    A tag does not move; an alias does.
    """
    give_or_list(repository, tag, revision, label, delete)
