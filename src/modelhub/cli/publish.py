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
from modelhub.errors import InputError
from modelhub.pages import human_size
from modelhub.remotes import (
    HubRemote,
    Published,
    PublishedVersion,
    address_of,
    open_remote,
    publish,
)


@click.command(
    epilog=examples(
        "dlv publish lenet origin",
        "dlv publish lenet@2 file:///srv/models",
        "dlv publish lenet origin --all",
        "dlv publish lenet https://hub.example.com/alice --public",
    )
)
@click.argument("revision")
@click.argument("remote")
@click.option("--all", "everything", is_flag=True, help="All versions of the model.")
@click.option(
    "--public/--private",
    "is_public",
    default=None,
    help="Who may read the model on a hub: everybody, or its owner; new ones are private.",
)
@output_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository,
    revision: str,
    remote: str,
    *,
    everything: bool,
    is_public: bool | None,
) -> None:
    """Put REVISION, with its tags, onto REMOTE: its name here, or its address.

    Only what the remote lacks is sent. Cut off, it goes on where it stopped when it is run again.
    """
    ref = resolve(repository, revision)
    refs = [ref_of(row) for row in living(repository.catalog, ref.name)] if everything else [ref]
    with progress() as told:
        found = open_remote(address_of(repository, remote), create=True)
        if is_public is None:
            done = publish(repository, refs, found, progress=told)
        else:
            if not isinstance(found, HubRemote):
                raise InputError(
                    f"{found.url} is no hub: who may read there is decided where it is; "
                    "leave out --public and --private"
                )
            found.is_public = is_public
            done = publish(repository, refs, found, progress=told)
            found.set_public(ref.name, is_public=is_public)
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
