"""What people see of one version."""

from collections.abc import Iterator, Mapping, Sequence

from modelhub.dlv.architecture import DescribedNetwork
from modelhub.dlv.courses import is_setting, prominence
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.desc import DescribedTensor, Description
from modelhub.dlv.pages.networks import network_diagram
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


def description_document(
    repository: ReadableRepository,
    found: Description,
    sizes: Mapping[str, Sequence[int]] | None = None,
) -> list[Block]:
    """The page of a version for what can draw: its network is a diagram.

    Args:
        repository: where the version is.
        found: the version.
        sizes: of the input, for what layers cost.
    """
    if found.network is None:
        return list(description_page(found))
    drawn = network_diagram(read_network(repository, found.network), sizes or {})
    return list(description_page(found, drawn))


def description_page(found: Description, drawn: Diagram | None = None) -> Iterator[Block]:
    """One version: its facts, and a section for each thing that is known of it.

    Args:
        found: the version.
        drawn: its network as a diagram, in place of the table of layers.
    """
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
    courses = [each for each in found.history if not is_setting(each.name)]
    seen = sorted((h for h in courses if h.points > 1), key=lambda each: prominence(each.name))
    for each in seen[:PLOTS]:
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


def _storage(found: Description) -> Table:
    used = found.usage
    return Table(
        columns=[Column("what"), Column("bytes", Kind.SIZE, has_bar=True)],
        rows=[
            ("files as they are", used.raw),
            ("stored", used.stored),
            ("  shared with other versions", used.shared),
            ("  exclusive", used.exclusive),
        ],
    )
