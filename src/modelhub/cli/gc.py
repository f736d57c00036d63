"""dlv gc: free the bytes of forgotten versions."""

from collections.abc import Iterator

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.gc import Collected, collect_garbage
from modelhub.pages import human_size


@click.command(epilog=examples("dlv gc --dry-run", "dlv gc", "dlv gc --grace 0"))
@click.option("--dry-run", is_flag=True, help="Only show what would be freed, and what not.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    help="Days that forgotten versions are spared; the setting gc.grace_days by default.",
)
@output_options
@pass_repository(BaseRepository)
def command(repository: BaseRepository, *, dry_run: bool, grace: float | None) -> None:
    """Free what no version needs: forgotten versions, and what dead writers left.

    Safe beside running commits; what they have written and not published yet stays.
    """
    done = collect_garbage(repository, grace_days=grace, dry_run=dry_run)
    render(
        done, page=lambda each: list(_page(each)), ids=lambda each: [v.id for v in each.versions]
    )


def _page(done: Collected) -> Iterator[str]:
    yield f"{'would free' if done.dry_run else 'freed'} {human_size(done.freed)}"
    if done.versions:
        yield f"  forgotten versions: {', '.join(map(str, done.versions))}"
    if done.leftovers:
        yield f"  leftovers of writers that died: {done.leftovers}"
    for kept in done.kept:
        yield f"  kept {kept.what}: {kept.why}"
