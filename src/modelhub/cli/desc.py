"""dlv desc: describe a version."""

from collections.abc import Iterator

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.desc import DescribedTensor, Description, describe
from modelhub.dlv.repository import Repository
from modelhub.pages import Block, Column, Fields, Kind, Section, Table


@click.command(
    epilog=examples("dlv desc lenet", "dlv desc lenet@2/step-100", "dlv desc 'lenet::conv*' --json")
)
@click.argument("revision")
@rows_options
@pass_repository
def command(repository: Repository, revision: str) -> None:
    """Describe a version: where it comes from, its tensors, metrics, settings, files, bytes.

    Tensors are those of the last snapshot, or of the one that REVISION names.
    """
    found = describe(repository, revision)
    render(found, page=lambda each: list(_page(each)), ids=lambda each: [each.version.id])


def _page(found: Description) -> Iterator[Block]:
    yield _facts(found)
    if found.metrics:
        yield Section(title="Metrics", blocks=[Fields(values=found.metrics)])
    if found.history:
        yield Section(title="Metrics over training", blocks=[_history(found)])
    if found.hyperparameters:
        yield Section(title="Hyperparameters", blocks=[Fields(values=found.hyperparameters)])
    if found.notes:
        yield Section(title="Notes", blocks=[Fields(values=found.notes)])
    yield Section(title="Snapshots", blocks=[_snapshots(found)])
    if found.tensors:
        yield Section(title=f"Tensors of {found.snapshot}", blocks=[_tensors(found)])
    yield Section(title="Files", blocks=[_files(found)])
    yield Section(title="Storage", blocks=[_storage(found)])


def _facts(found: Description) -> Fields:
    said = {"message": found.message, "author": found.author}
    return Fields(
        values={
            "version": f"{found.version} ({found.version.id[:12]})",
            **{label: text for label, text in said.items() if text},
            "created": found.created[:19].replace("T", " ") + " UTC",
            "parents": found.parents or "none",
            "children": found.children or "none",
            "tags": [*found.tags, *found.aliases] or "none",
            "network": found.network or "not known",
        }
    )


def _history(found: Description) -> Table:
    return Table(
        columns=[
            Column("metric"),
            Column("points", Kind.COUNT),
            *(Column(title, Kind.NUMBER) for title in ("first", "least", "greatest", "last")),
        ],
        rows=[(h.name, h.points, h.first, h.least, h.greatest, h.last) for h in found.history],
    )


def _snapshots(found: Description) -> Table:
    return Table(
        columns=[
            Column("snapshot"),
            Column("step", Kind.COUNT),
            Column("tensors", Kind.COUNT),
            Column("parameters", Kind.COUNT),
            Column("metrics"),
        ],
        rows=[
            (
                each.name,
                each.step,
                each.tensors,
                each.parameters,
                " ".join(f"{name}={value:.4g}" for name, value in each.metrics.items()),
            )
            for each in found.snapshots
        ],
        empty="none: the version has no weights that were understood",
    )


def _tensors(found: Description) -> Table:
    return Table(
        columns=[
            Column("tensor"),
            Column("dtype"),
            Column("shape"),
            Column("size", Kind.SIZE),
            *(Column(title, Kind.NUMBER) for title in ("min", "max", "mean", "std")),
            Column("zeros", Kind.COUNT),
            Column("nans", Kind.COUNT),
        ],
        rows=[_tensor(each) for each in found.tensors],
    )


def _tensor(each: DescribedTensor) -> tuple[object, ...]:
    known = each.statistics
    numbers = (
        (None,) * 6
        if known is None
        else (known.min, known.max, known.mean, known.std, known.zeros, known.nans)
    )
    return each.name, each.dtype, "x".join(map(str, each.shape)) or "scalar", each.size, *numbers


def _files(found: Description) -> Table:
    return Table(
        columns=[
            Column("path"),
            Column("role"),
            Column("format"),
            Column("snapshot"),
            Column("size", Kind.SIZE),
        ],
        rows=[(f.path, f.role, f.format, f.snapshot, f.size) for f in found.files],
    )


def _storage(found: Description) -> Fields:
    used = found.usage
    values = {
        "files as they are": used.raw,
        "stored": used.stored,
        "shared with other versions": used.shared,
        "exclusive": used.exclusive,
    }
    return Fields(values=values, kinds=dict.fromkeys(values, Kind.SIZE))
