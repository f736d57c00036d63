"""dlv pull: fetch a version, and write its files."""

from collections.abc import Iterator
from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.fetched import fetched_page
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.pages import counted, human_size
from modelhub.remotes import ORIGIN, Pulled, address_of, open_remote, pull


@click.command(
    epilog=examples("dlv pull lenet", "dlv pull lenet@v1 file:///srv/models --to elsewhere")
)
@click.argument("revision")
@click.argument("remote", default=ORIGIN)
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write into.")
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@output_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository, revision: str, remote: str, *, to: Path | None, force: bool
) -> None:
    """Fetch REVISION of REMOTE, and write its files as dlv checkout does.

    REVISION is named as the remote names it; a name alone means its latest version there.
    """
    with progress() as told:
        found = open_remote(address_of(repository, remote))
        done = pull(repository, found, revision, to=to, force=force, progress=told)
    render(
        done,
        page=lambda each: list(_page(each)),
        ids=lambda each: [*each.files.written, *each.files.unchanged],
    )


def _page(done: Pulled) -> Iterator[str]:
    yield done.fetched.remote
    yield from fetched_page(done.fetched)
    files = done.files
    same = f"; {len(files.unchanged)} were there already" if files.unchanged else ""
    yield f"wrote {counted(len(files.written), 'file')}, {human_size(files.size)}{same}"
    yield str(files.folder)
