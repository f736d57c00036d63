"""dlv archive: store matrices as deltas of each other, as a plan says."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from modelhub.cli.examples import examples
from modelhub.cli.progress import progress
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.seconds import Budget, human_seconds
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.archive import Archived, ArchiveOptions, archive
from modelhub.errors import UsageError
from modelhub.pages import Block, Column, Kind, Table, counted, human_size
from modelhub.pas import DEFAULT_OPTIMIZER, Effort, Retrieval


@click.command(
    epilog=examples(
        "dlv archive --dry-run",
        "dlv archive",
        "dlv archive --alpha 1.6",
        "dlv archive --budget 2s --budget lenet@12=250ms",
        "dlv archive lenet@1 lenet@2 --explain lenet@2",
    )
)
@click.argument("revisions", metavar="[REV]...", nargs=-1)
@click.option(
    "--alpha",
    type=float,
    help="Each snapshot is read within so many times its least time. By default that where one "
    "delta fits anywhere; it is shown.",
)
@click.option(
    "--budget",
    "budgets",
    type=Budget(),
    multiple=True,
    help="Seconds within which each snapshot, or those of a revision, are read.",
)
@click.option(
    "--per",
    type=click.Choice(["snapshot", "model"]),
    default="snapshot",
    show_default=True,
    help="What is read together: a snapshot, or all snapshots of a version.",
)
@click.option(
    "--scheme",
    type=click.Choice([each.value for each in Retrieval]),
    default=Retrieval.INDEPENDENT.value,
    show_default=True,
    help="What reading costs: all paths, the longest one, or each step once.",
)
@click.option(
    "--optimizer",
    metavar="NAME",
    default=DEFAULT_OPTIMIZER,
    show_default=True,
    help="Who plans: prices, mst, spt, last, pas-mt or pas-pt.",
)
@click.option(
    "--effort",
    type=click.Choice([each.value for each in Effort]),
    default=Effort.DEFAULT.value,
    show_default=True,
    help="How long a better plan is sought.",
)
@click.option("--dry-run", is_flag=True, help="Only plan, and show what would come of it.")
@click.option(
    "--explain",
    "explained",
    metavar="REV",
    help="Show how each of its matrices is stored, and why.",
)
@click.option("-j", "--jobs", "threads", type=click.IntRange(1, 256), help="How many threads.")
@rows_options
@pass_repository(BaseRepository)
def command(repository: BaseRepository, /, revisions: Sequence[str], **given: Any) -> None:
    """Store the matrices of all snapshots, or of those that REV names, as a plan says.

    The plan takes few bytes while every snapshot is read within its budget. New copies are
    written and read back first; then they are switched to. Nothing changes for those who read
    or commit meanwhile. The old copies stay until dlv gc frees them.
    """
    options = _options(given)
    with progress() as shown:
        found = archive(repository, revisions, options=options, progress=shown)
    render(
        found,
        page=lambda each: list(_page(each)),
        ids=lambda each: [row.name for row in each.explained],
        title="Storage plan",
    )


def _options(given: Mapping[str, Any]) -> ArchiveOptions:
    """What the options of the command line say.

    Raises:
        UsageError: two budgets for all snapshots.
    """
    general = {seconds for revision, seconds in given["budgets"] if revision is None}
    if len(general) > 1:
        raise UsageError("--budget for all snapshots is given twice; name revisions: REV=2s")
    return ArchiveOptions(
        alpha=given["alpha"],
        budget=next(iter(general), None),
        budgets={revision: s for revision, s in given["budgets"] if revision is not None},
        per_version=given["per"] == "model",
        retrieval=Retrieval(given["scheme"]),
        optimizer=given["optimizer"],
        effort=Effort(given["effort"]),
        explained=given["explained"],
        dry_run=given["dry_run"],
        threads=given["threads"],
    )


def _page(done: Archived) -> Iterator[Block]:
    verb = "would move" if done.dry_run else "moved"
    snapshots = counted(done.snapshots, "snapshot")
    yield f"{verb} {done.moved:,} of {done.matrices:,} matrices in {snapshots}"
    yield _line("plan", f"{done.optimizer}, from {done.ways:,} ways{_allowed(done)}")
    yield _line(
        "stored",
        f"{human_size(done.before)} before, {human_size(done.after)} after "
        f"(at least {human_size(done.bound)}; smallest {human_size(done.smallest)}, "
        f"fastest {human_size(done.fastest)})",
    )
    for name in ("median", "worst"):
        old, new, least = (
            human_seconds(getattr(each, name))
            for each in (done.recreation_before, done.recreation_after, done.recreation_least)
        )
        yield _line(f"{name} read", f"{old} before, {new} after (fastest {least})")
    if done.tightest is not None:
        share = f"{done.tightest_share:.0%}"
        yield _line("tightest", f"{done.tightest} uses {share} of its budget")
    yield from _disk(done)
    if done.explained:
        yield ""
        yield _explained(done)


def _allowed(done: Archived) -> str:
    if done.alpha is None:
        return ""
    return f"; each read within {done.alpha:.3g} times its fastest"


def _disk(done: Archived) -> Iterator[str]:
    if done.moved and done.dry_run:
        peak = human_size(done.peak)
        yield _line("disk", f"at most {peak} more, until dlv gc frees the old copies")
    elif done.moved:
        known = f", {done.found:,} copies taken over from a run before" if done.found else ""
        size = human_size(done.written)
        yield _line("written", f"{size}{known}; free the old copies with: dlv gc")


def _line(label: str, text: str) -> str:
    return f"  {label + ':':<13}{text}"


def _explained(done: Archived) -> Table:
    return Table(
        columns=[
            Column("name"),
            Column("stored"),
            Column("depth", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("read"),
            Column("why"),
        ],
        rows=[
            (
                row.name,
                "whole" if row.base is None else f"delta of {row.base}",
                row.depth,
                row.size,
                human_seconds(row.seconds),
                row.why,
            )
            for row in done.explained
        ],
        empty="it has no matrices that are planned",
    )
