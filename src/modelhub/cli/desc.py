"""dlv desc: describe a version."""

from collections.abc import Iterator, Mapping, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.sizes import read_sizes
from modelhub.cli.versions import COURSE
from modelhub.dlv.architecture import DescribedNetwork
from modelhub.dlv.drawings import network_diagram
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.desc import DescribedTensor, Description, describe
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import (
    Block,
    Column,
    Curve,
    Diagram,
    Fields,
    Kind,
    Plot,
    Section,
    Table,
    human_shape,
)

PLOTS = 4  # metrics that are drawn


@click.command(
    epilog=examples(
        "dlv desc lenet",
        "dlv desc lenet@2/step-100",
        "dlv desc lenet --input-size batch=8",
        "dlv desc 'lenet::conv*' --json",
    )
)
@click.argument("revision")
@click.option(
    "--input-size",
    "sizes",
    multiple=True,
    metavar="NAME=SIZE",
    callback=read_sizes,
    help="What layers cost is told for this input: batch=8, or image=8,1,28,28. Default: batch 1.",
)
@click.option("--all", "unfold", is_flag=True, help="Show each layer of repeated blocks.")
@rows_options
@pass_repository(ReadableRepository)
def command(
    repository: ReadableRepository,
    revision: str,
    *,
    sizes: Mapping[str, Sequence[int]],
    unfold: bool,
) -> None:
    """Describe a version: its origin, network, tensors, metrics, settings, files, bytes.

    Tensors are those of the last snapshot, or of the one that REVISION names. Layers stand in
    the order of execution; FLOPs are of products of matrices, two for a multiply-add.
    """
    found = describe(repository, revision, sizes=sizes, unfold=unfold)
    render(
        found,
        page=lambda each: list(_page(each)),
        ids=lambda each: [each.version.id],
        title=str(found.version),
        document=lambda each: list(_page(each, _drawn(repository, each, sizes))),
    )


def _drawn(
    repository: ReadableRepository, found: Description, sizes: Mapping[str, Sequence[int]]
) -> Diagram | None:
    if found.network is None:
        return None
    return network_diagram(read_network(repository, found.network), sizes)


def _page(found: Description, drawn: Diagram | None = None) -> Iterator[Block]:
    """What people see; the layers as a diagram, where one is drawn."""
    yield _facts(found)
    if found.metrics:
        yield Section(title="Metrics", blocks=[Fields(values=found.metrics)])
    if found.history:
        yield Section(title="Metrics over training", blocks=[_history(found), *_plots(found)])
    if found.hyperparameters:
        yield Section(title="Hyperparameters", blocks=[Fields(values=found.hyperparameters)])
    if found.notes:
        yield Section(title="Notes", blocks=[Fields(values=found.notes)])
    if found.architecture is not None:
        yield Section(title="Network", blocks=list(_network(found.architecture, drawn)))
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


def _plots(found: Description) -> Iterator[Plot]:
    """The courses of results, as many as people look at."""
    courses = [each for each in found.history if each.name.lower() not in COURSE]
    for each in [h for h in courses if h.points > 1][:PLOTS]:
        yield Plot(metric=each.name, curves=[Curve(label=str(found.version), points=each.course)])


def _network(found: DescribedNetwork, drawn: Diagram | None) -> Iterator[Block]:
    inputs = ", ".join(f"{name} {human_shape(shape)}" for name, shape in found.inputs.items())
    facts: dict[str, object] = {"dialect": found.dialect}
    facts |= {"partial": found.partial} if found.partial else {"input": inputs or "none"}
    facts["parameters"] = found.parameters
    if found.partial is None:
        facts |= {"MACs": found.macs, "FLOPs": found.flops}
        facts |= {"activations": found.activation_bytes, "at a time": found.peak_bytes}
    counts = dict.fromkeys(("parameters", "MACs", "FLOPs"), Kind.COUNT)
    sizes_of = dict.fromkeys(("activations", "at a time"), Kind.SIZE)
    yield Fields(values=facts, kinds=counts | sizes_of)
    if not found.is_complete and found.partial is None:
        yield "some sizes are not known, and count 0"
    yield drawn or _layers(found)


def _layers(found: DescribedNetwork) -> Table:
    titles = ("parameters", "FLOPs")
    return Table(
        columns=[
            Column("layer"),
            Column("what"),
            Column("shape"),
            *(Column(title, Kind.COUNT) for title in titles),
            Column("activations", Kind.SIZE),
        ],
        rows=[
            (
                "  " * each.depth + each.name + (f" x {each.repeats}" if each.repeats > 1 else ""),
                " ".join(filter(None, (each.template, each.kind))),
                "" if each.shape is None else human_shape(each.shape),
                each.parameters,
                each.flops if found.partial is None else None,
                each.activation_bytes if found.partial is None else None,
            )
            for each in found.layers
        ],
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
    return each.name, each.dtype, human_shape(each.shape), each.size, *numbers


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
