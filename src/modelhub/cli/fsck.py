"""dlv fsck: check every stored byte; repair; rebuild the catalog."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import find_folder
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.fsck import Checked, check, rebuild
from modelhub.dlv.operations.repair import Repaired, repair
from modelhub.dlv.recovery import Rebuilt
from modelhub.errors import IntegrityError
from modelhub.pages import counted


@click.command(
    epilog=examples(
        "dlv fsck",
        "dlv fsck --rebuild",
        "dlv fsck --repair --from ../backup --from downloads/model.safetensors",
    )
)
@click.option("--rebuild", "is_rebuild", is_flag=True, help="Make the catalog again.")
@click.option("--repair", "is_repair", is_flag=True, help="Heal what is damaged.")
@click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A repository, files, or a folder of files that have the tensors.",
)
@output_options
def command(*, is_rebuild: bool, is_repair: bool, sources: Sequence[Path]) -> None:
    """Check every stored byte, and name the tensors and versions that damage hits.

    Exits with 5 if anything is wrong.
    """
    if is_repair != bool(sources) or (is_repair and is_rebuild):
        raise click.UsageError("--repair needs --from, and neither goes with --rebuild")
    if is_rebuild:
        _rebuild()
    elif is_repair:
        _repair(sources)
    else:
        _check()


def _check() -> None:
    with BaseRepository.find(Path.cwd()) as repository, progress() as told:
        found = check(repository, progress=told)
    render(
        found, page=lambda each: list(_page(each)), ids=lambda each: [d.what for d in each.damages]
    )
    if not found.is_clean:
        click.get_current_context().exit(IntegrityError.exit_status)


def _page(found: Checked) -> Iterator[str]:
    for damage in found.damages:
        yield f"damaged: {damage.what}"
        yield f"  {damage.problem}"
        if damage.tensors:
            yield f"  tensors:  {', '.join(damage.tensors)}"
        if damage.versions:
            yield f"  versions: {', '.join(damage.versions)}"
        yield f"  to do:    {damage.cure}"
    state = "clean" if found.is_clean else counted(len(found.damages), "damage")
    objects, versions = counted(found.packs, "object"), counted(found.versions, "version")
    yield f"{state}: checked {objects} and {versions}"
    if found.leftovers:
        yield f"{found.leftovers} leftovers of writers that died; free them with: dlv gc"


def _rebuild() -> None:
    with progress() as told:
        done = rebuild(find_folder().parent, progress=told)
    render(
        done.summary,
        page=lambda _: list(_rebuilt_page(done)),
        ids=lambda each: list(each.lost),
    )
    if done.damaged or done.lost:
        click.get_current_context().exit(IntegrityError.exit_status)


def _rebuilt_page(done: Rebuilt) -> Iterator[str]:
    yield f"made the catalog again: {done.versions} versions from {len(done.packs)} objects"
    for id_, problem in done.damaged.items():
        yield f"left out object {id_}: {problem}"
    for what, problem in done.lost.items():
        yield f"lost {what}: {problem}"


def _repair(sources: Sequence[Path]) -> None:
    with BaseRepository.find(Path.cwd()) as repository:
        done = repair(repository, sources)
    render(done, page=lambda each: list(_repaired_page(each)), ids=lambda each: each.missing)
    if done.missing:
        click.get_current_context().exit(IntegrityError.exit_status)


def _repaired_page(done: Repaired) -> Iterator[str]:
    if not done.objects:
        yield "nothing is damaged"
        return
    yield (
        f"healed {done.healed_tensors} tensors and {done.healed_blobs} blobs "
        f"of {len(done.objects)} damaged objects"
    )
    for id_ in done.missing:
        yield f"no source has {id_}"
    if done.versions:
        yield f"still hit: {', '.join(done.versions)}"
