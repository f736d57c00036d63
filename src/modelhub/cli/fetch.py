"""dlv fetch: bring versions of a remote into the repository."""

from collections.abc import Iterator, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.fetched import fetched_page
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.remotes import Fetched, address_of, chosen, everything, fetch, open_remote


@click.command(
    epilog=examples("dlv fetch origin", "dlv fetch origin lenet", "dlv fetch origin lenet@v1 vgg@3")
)
@click.argument("remote")
@click.argument("revisions", nargs=-1)
@output_options
@pass_repository(BaseRepository)
def command(repository: BaseRepository, remote: str, revisions: Sequence[str]) -> None:
    """Bring REVISIONS of REMOTE into the repository; all versions of all models without any.

    A name alone means all its versions. No files are written; take them with: dlv checkout.
    Everything is compared with its hash before it is kept.
    """
    with progress() as told:
        found = open_remote(address_of(repository, remote))
        wanted = [chosen(found, each, all_versions=True) for each in revisions]
        done = fetch(repository, found, wanted or everything(found), progress=told)
    render(
        done, page=lambda each: list(_page(each)), ids=lambda e: [v.version.id for v in e.versions]
    )


def _page(done: Fetched) -> Iterator[str]:
    yield done.remote
    yield from fetched_page(done)
