"""dlv diff: compare two versions."""

from collections.abc import Iterator, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.diff import ChangedValue, Difference, diff
from modelhub.dlv.repository import Repository
from modelhub.pages import Block, Column, Kind, Section, Table

DIFFERENT = 1


@click.command(
    epilog=examples(
        "dlv diff lenet@1 lenet@2",
        "dlv diff lenet@1/step-100 lenet@1/step-200",
        "dlv diff 'lenet::conv*' 'child::conv*' --exit-code",
    )
)
@click.argument("before")
@click.argument("after")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs.")
@rows_options
@pass_repository
def command(repository: Repository, before: str, after: str, *, exit_code: bool) -> None:
    """Compare the versions BEFORE and AFTER: files, tensors, hyperparameters, metrics.

    Only what differs is shown. Tensors are those of the last snapshots, or of the ones that the
    revisions name.
    """
    found = diff(repository, before, after)
    render(found, page=lambda each: list(_page(each)), ids=_names)
    if exit_code and not found.is_empty:
        click.get_current_context().exit(DIFFERENT)


def _names(found: Difference) -> list[str]:
    return [each.name for each in found.tensors]


def _page(found: Difference) -> Iterator[Block]:
    yield f"{found.before} → {found.after}"
    if found.is_empty:
        yield "nothing differs"
        return
    if found.hyperparameters:
        yield Section(title="Hyperparameters", blocks=[_values(found.hyperparameters)])
    if found.metrics:
        yield Section(title="Metrics", blocks=[_values(found.metrics)])
    if found.tensors or found.tensors_same:
        yield Section(title="Tensors", blocks=[_tensors(found), _same(found)])
    if found.files:
        yield Section(title="Files", blocks=[_files(found)])


def _values(rows: Sequence[ChangedValue]) -> Table:
    return Table(
        columns=[Column("name"), Column("before"), Column("after")],
        rows=[(row.name, row.before, row.after) for row in rows],
    )


def _tensors(found: Difference) -> Table:
    return Table(
        columns=[
            Column("tensor"),
            Column("change"),
            Column("before"),
            Column("after"),
            Column("relative change", Kind.NUMBER),
            Column("elements changed"),
        ],
        rows=[
            (
                each.name if each.old_name is None else f"{each.old_name} → {each.name}",
                each.change,
                each.before,
                each.after if each.after != each.before else "same",
                each.relative_change,
                None if each.share_changed is None else f"{each.share_changed:.1%}",
            )
            for each in found.tensors
        ],
    )


def _same(found: Difference) -> str:
    first, second = found.snapshots
    where = f"snapshot {first}" if first == second else f"snapshots {first} and {second}"
    return f"{found.tensors_same} tensors are the same ({where})"


def _files(found: Difference) -> Table:
    return Table(
        columns=[
            Column("path"),
            Column("change"),
            Column("before", Kind.SIZE),
            Column("after", Kind.SIZE),
        ],
        rows=[(f.path, f.change, f.size_before, f.size_after) for f in found.files],
    )
