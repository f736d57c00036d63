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
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.capture import capture_built, parse_example
from modelhub.dlv.catalog.networks import NetworkSummary
from modelhub.dlv.operations.commit import CommitOptions, Committed, Preview, commit, preview
from modelhub.errors import UsageError
from modelhub.pages import human_size


@click.command(
    epilog=examples(
        "dlv commit lenet checkpoints/ config.json -m 'first try'",
        "dlv commit lenet -m 'what is staged' --tag v1 --metric accuracy=0.98",
        "dlv commit merged model.safetensors --parent lenet@3 --parent other@1",
        "dlv commit lenet model.pt --network models:build --example-input 1,1,28,28",
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
@click.option("--network", metavar="MODULE:FUNCTION", help="What builds the module; it is run.")
@click.option(
    "--example-input",
    "examples_",
    multiple=True,
    metavar="[NAME=]EXTENTS[:DTYPE]",
    help="What the module is followed on, as 1,1,28,28 or ids=1,16:int64.",
)
@click.option("--dry-run", is_flag=True, help="Only show what each file is taken for.")
@output_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository,
    /,
    name: str,
    files: Sequence[Path],
    *,
    metrics: Sequence[tuple[str, float]],
    params: Sequence[tuple[str, Any]],
    network: str | None,
    examples_: Sequence[str],
    dry_run: bool,
    **more: Any,
) -> None:
    """Record FILES, or else what is staged, as a new version of the model NAME.

    Identical content makes no version. The version descends from the latest one of NAME, from
    the source of dlv copy, or from --parent. Its network is what --network builds, or what files
    among FILES describe, or the parent's where the weights have the same names and shapes.
    """
    options = CommitOptions(
        metrics=dict(metrics),
        hyperparameters=dict(params),
        **_network(network, examples_),
        **more,
    )
    if dry_run:
        found = preview(repository, name, paths=files, options=options)
        render(found, page=lambda p: list(_preview(p)), ids=lambda p: [f.path for f in p.files])
        return
    with progress() as told:
        done = commit(repository, name, paths=files, options=options, progress=told)
    render(done, page=lambda each: list(_page(each)), ids=lambda each: [each.version.id])


def _network(builder: str | None, examples_: Sequence[str]) -> dict[str, Any]:
    """What --network and --example-input say, as options of a commit."""
    if builder is None:
        if examples_:
            raise UsageError("--example-input needs --network, which says what to follow on it")
        return {}
    inputs = [parse_example(each) for each in examples_]
    return {"network": capture_built(builder, inputs, Path.cwd()), "network_from": builder}


def _preview(found: Preview) -> Iterator[Any]:
    yield staged_table(found.files)
    yield _about_network(found.network, found.network_from)
    for note in found.notes:
        yield f"  note       {note}"


def _about_network(network: NetworkSummary | None, origin: str) -> str:
    if network is None:
        return "  network    not known"
    partial = f"; partial: {network.partial}" if network.partial else ""
    size = f"{network.nodes:,} nodes, {network.parameters:,} parameters"
    return f"  network    {size}, from {origin}{partial}"


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
    if done.network is not None:
        yield _about_network(done.network, done.network_from)
    for note in done.notes:
        yield f"  note       {note}"
