"""dlv checkout: write the files of a version, byte for byte."""

from collections.abc import Sequence
from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.checkout import CheckedOut, checkout
from modelhub.dlv.operations.export import FORMATS, export
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import counted, human_size


@click.command(
    epilog=examples(
        "dlv checkout lenet@2 --to out",
        "dlv checkout lenet --snapshot step-100 --to out",
        "dlv checkout lenet 'checkpoints/*.pt'",
        "dlv checkout lenet@1/step-100 --as safetensors --to out",
    )
)
@click.argument("revision")
@click.argument("paths", nargs=-1)
@click.option("--to", type=click.Path(path_type=Path), help="The folder to write into.")
@click.option("--snapshot", help="Only the files of this snapshot.")
@click.option("--as", "form", type=click.Choice(FORMATS), help="Convert the tensors on the way.")
@click.option("--force", is_flag=True, help="Overwrite files that differ.")
@output_options
@pass_repository(ReadableRepository)
def command(
    repository: ReadableRepository,
    revision: str,
    paths: Sequence[str],
    *,
    to: Path | None,
    snapshot: str | None,
    form: str | None,
    force: bool,
) -> None:
    """Write the files of REVISION where they were added from, or into a folder.

    PATHS selects some of them. Nothing is written if a file with other bytes is in the way,
    unless --force is given.
    """
    if form is not None and paths:
        raise click.UsageError("--as writes the tensors of a snapshot; it takes no PATHS")
    with progress() as told:
        if form is None:
            done = checkout(
                repository,
                revision,
                to=to,
                paths=paths,
                snapshot=snapshot,
                force=force,
                progress=told,
            )
        else:
            done = export(repository, revision, form=form, to=to, snapshot=snapshot, force=force)
    render(done, page=_page, ids=lambda each: [*each.written, *each.unchanged])


def _page(done: CheckedOut) -> str:
    said = f"{done.version}: wrote {counted(len(done.written), 'file')}, {human_size(done.size)}"
    same = f"; {len(done.unchanged)} were there already" if done.unchanged else ""
    return f"{said}{same}\n{done.folder}"
