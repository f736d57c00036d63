"""dlv alias: name a version for now."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.naming import give_or_list
from modelhub.cli.render import rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.names import alias


@click.command(
    epilog=examples(
        "dlv alias lenet@3 production", "dlv alias", "dlv alias --delete lenet@production"
    )
)
@click.argument("revision", required=False)
@click.argument("label", required=False)
@click.option("--delete", help="Delete an alias, given as name@label; the version stays.")
@rows_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository, revision: str | None, label: str | None, *, delete: str | None
) -> None:
    """Name the version REVISION for now: it is name@LABEL then. Without arguments, list them.

    An alias moves when it is given to another version; a tag does not.
    """
    give_or_list(repository, alias, revision, label, delete)
