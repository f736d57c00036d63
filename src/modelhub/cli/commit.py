"""dlv commit: record files as a new version of a model."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from modelhub.cli.assignments import NUMBER, SETTING
from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.cli.staged import staged_table
from modelhub.dlv.operations.commit import CommitOptions, Committed, commit, preview
from modelhub.dlv.repository import Repository
from modelhub.pages import human_size


@click.command(
    epilog=examples(
        "dlv commit lenet checkpoints/ config.json -m 'first try'",
        "dlv commit lenet -m 'what is staged' --tag v1 --metric accuracy=0.98",
        "dlv commit merged model.safetensors --parent lenet@3 --parent other@1",
        "dlv commit lenet model.pt --step 1000 --dry-run",
    )
)
@click.argument("name")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("-m", "--message", default="", help="What changed, and why.")
@click.option("--parent", "parents", multiple=True, help="A revision it descends from.")
@click.option("--snapshot", help="One name for the snapshot of all weights.")
@click.option("--step", type=click.IntRange(min=0), help="The training step of all weights.")
@click.option("--metric", "metrics", multiple=True, type=NUMBER, help="A final value.")
@click.option("--param", "params", multiple=True, type=SETTING, help="A hyperparameter.")
@click.option("--tag", "tags", multiple=True, help="A name for this version, for good.")
@click.option("--whole", multiple=True, help="A file to store without looking into it.")
@click.option("--dry-run", is_flag=True, help="Only show what each file is taken for.")
@output_options
@pass_repository
def command(
    repository: Repository,
    /,
    name: str,
    files: Sequence[Path],
    *,
    metrics: Sequence[tuple[str, float]],
    params: Sequence[tuple[str, Any]],
    dry_run: bool,
    **more: Any,
) -> None:
    """Record FILES, or else what is staged, as a new version of the model NAME.

    Identical content makes no version. The version descends from the latest one of NAME, from
    the source of dlv copy, or from --parent.
    """
    options = CommitOptions(metrics=dict(metrics), hyperparameters=dict(params), **more)
    if dry_run:
        staged = preview(repository, name, paths=files, options=options)
        render(staged, page=staged_table, ids=lambda rows: [row.path for row in rows])
        return
    with progress() as told:
        done = commit(repository, name, paths=files, options=options, progress=told)
    render(done, page=lambda each: list(_page(each)), ids=lambda each: [each.version.id])


def _page(done: Committed) -> Iterator[str]:
    if not done.created:
        yield f"{done.version} holds exactly this already; nothing was committed"
        return
    snapshots = ", ".join(done.snapshots) or "none"
    yield f"committed {done.version} ({done.version.id[:12]})"
    yield f"  snapshots  {snapshots}"
    yield (
        f"  files      {done.files}, {human_size(done.raw_size)}, "
        f"stored in {human_size(done.stored_size)}"
    )
    for note in done.notes:
        yield f"  note       {note}"
