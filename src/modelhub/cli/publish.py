"""dlv publish: put versions onto a remote."""

from collections.abc import Iterator

import click

from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import living, ref_of
from modelhub.dlv.naming import resolve
from modelhub.pages import human_size
from modelhub.remotes import Published, PublishedVersion, address_of, open_remote, publish


@click.command(
    epilog=examples(
        "dlv publish lenet origin",
        "dlv publish lenet@2 file:///srv/models",
        "dlv publish lenet origin --all",
    )
)
@click.argument("revision")
@click.argument("remote")
@click.option("--all", "everything", is_flag=True, help="All versions of the model.")
@output_options
@pass_repository(BaseRepository)
def command(repository: BaseRepository, revision: str, remote: str, *, everything: bool) -> None:
    """Put REVISION, with its tags, onto REMOTE: its name here, or its address.

    Only what the remote lacks is sent. Cut off, it goes on where it stopped when it is run again.
    """
    ref = resolve(repository, revision)
    refs = [ref_of(row) for row in living(repository.catalog, ref.name)] if everything else [ref]
    with progress() as told:
        found = open_remote(address_of(repository, remote), create=True)
        done = publish(repository, refs, found, progress=told)
    render(
        done, page=lambda each: list(_page(each)), ids=lambda e: [v.version.id for v in e.versions]
    )


def _page(done: Published) -> Iterator[str]:
    yield done.remote
    for each in done.versions:
        yield f"  {each.version}: {_said(each)}"


def _said(each: PublishedVersion) -> str:
    other = "" if each.number == each.version.number else f", as {each.version.name}@{each.number}"
    if not each.created:
        return f"is there already{other}"
    return f"sent {human_size(each.sent)} of {human_size(each.raw_size)}{other}"
