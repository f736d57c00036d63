"""dlv rm: forget versions."""

from collections.abc import Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.naming import resolve
from modelhub.dlv.operations.names import remove, restore


@click.command(epilog=examples("dlv rm lenet@2", "dlv rm --undo lenet@2", "dlv rm old@1 old@2"))
@click.argument("revisions", nargs=-1, required=True)
@click.option("--undo", is_flag=True, help="Take it back, as long as gc has not freed the bytes.")
@click.option("--dry-run", is_flag=True, help="Only show which versions would be forgotten.")
@output_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository, revisions: Sequence[str], *, undo: bool, dry_run: bool
) -> None:
    """Forget the versions REVISIONS: they are listed no more.

    Their bytes stay until dlv gc frees them, after the grace time of the setting gc.grace_days.
    """
    if undo:
        refs = restore(repository, revisions)
        said = "restored"
    elif dry_run:
        refs = [resolve(repository, each) for each in revisions]
        said = "would forget"
    else:
        refs = remove(repository, revisions)
        said = "forgot"
    after = "; free the bytes with: dlv gc" if said == "forgot" else ""
    render(
        refs,
        page=lambda each: f"{said} {', '.join(map(str, each))}{after}",
        ids=lambda each: [ref.id for ref in each],
    )
