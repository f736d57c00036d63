"""What people see of differences: two versions side by side, or several against the first."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from modelhub.dlv.courses import Points, is_setting, prominence
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.diff import (
    ChangedCourse,
    ChangedValue,
    Difference,
    NetworkDifference,
)
from modelhub.dlv.pages.networks import networks_side_by_side
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensor_changes import ChangedTensor
from modelhub.network import ChangedAttribute, NetworkChange
from modelhub.pages import Block, Column, Curve, Estimate, Kind, Plot, Section, Table

NOTHING = "nothing differs"
PLOTS = 4  # metrics that are drawn


def difference_page(found: Difference) -> Iterator[Block]:
    """Two versions: a section for each part that differs."""
    yield f"{found.before} → {found.after}"
    if found.is_empty:
        yield NOTHING
        return
    if found.network is not None:
        yield Section(title="Network", blocks=list(_network(found.network)))
    if found.hyperparameters:
        yield Section(title="Hyperparameters", blocks=[_values(found.hyperparameters)])
    if found.metrics:
        yield Section(title="Metrics", blocks=[_values(found.metrics)])
    yield from _courses([found])
    if found.tensors or found.tensors_same:
        yield Section(title="Tensors", blocks=[_tensors(found), _same(found)])
    if found.files:
        yield Section(title="Files", blocks=[_files(found)])


def compared_page(found: Sequence[Difference]) -> Iterator[Block]:
    """Several versions, each against the first: a column for each."""
    yield f"{found[0].before} → {', '.join(str(each.after) for each in found)}"
    if all(each.is_empty for each in found):
        yield NOTHING
        return
    for each in found:
        if each.network is not None:
            blocks = list(_network(each.network))
            yield Section(title=f"Network of {each.after}", blocks=blocks)
    for title, values in (
        ("Hyperparameters", [each.hyperparameters for each in found]),
        ("Metrics", [each.metrics for each in found]),
    ):
        if any(values):
            yield Section(title=title, blocks=[_columns(found, values)])
    yield from _courses(found)
    if any(each.tensors for each in found):
        yield Section(title="Tensors", blocks=[_relative(found)])
    for each in found:
        if each.files:
            yield Section(title=f"Files of {each.after}", blocks=[_files(each)])


def differences_page(found: Sequence[Difference]) -> Iterator[Block]:
    """Versions, each against the first: `difference_page` of one, `compared_page` of several."""
    return difference_page(found[0]) if len(found) == 1 else compared_page(found)


def differences_document(
    repository: ReadableRepository, found: Sequence[Difference]
) -> Iterator[Block]:
    """The page for what can draw, below a title that names the versions.

    Networks that differ stand side by side at its end.
    """
    yield from islice(differences_page(found), 1, None)
    for each in found:
        network = each.network
        if network is None or network.before is None or network.after is None:
            continue
        titles = str(each.before), str(each.after)
        drawn = networks_side_by_side(
            read_network(repository, network.before),
            read_network(repository, network.after),
            titles=titles,
        )
        yield Section(title=f"Networks of {titles[0]} and {titles[1]}", blocks=[drawn])


def _courses(found: Sequence[Difference]) -> Iterator[Section]:
    """The metrics that went otherwise, the curves of all versions overlaid."""
    by_name = [{each.name: each for each in difference.courses} for difference in found]
    names = {name for part in by_name for name in part if not is_setting(name)}
    plots = [
        plot
        for name in sorted(sorted(names), key=prominence)
        if (plot := _overlaid(found, by_name, name))
    ]
    if plots:
        yield Section(title="Metrics over training", blocks=plots[:PLOTS])


def _overlaid(
    found: Sequence[Difference], by_name: Sequence[Mapping[str, ChangedCourse]], name: str
) -> Plot | None:
    """One metric of all versions; a version whose course is the first's shows that."""
    first: Points = next(part[name].before for part in by_name if name in part)
    pairs = [(found[0].before, first)]
    for difference, part in zip(found, by_name, strict=True):
        pairs.append((difference.after, part[name].after if name in part else first))
    curves = [Curve(label=str(ref), points=points) for ref, points in pairs if points]
    is_course = any(len(each.points) > 1 for each in curves)
    return Plot(metric=name, curves=curves) if is_course else None


def _network(found: NetworkDifference) -> Iterator[Block]:
    if found.before is None or found.after is None:
        yield f"the network of the {'first' if found.before is None else 'second'} is not known"
        return
    if found.is_partial:
        yield "one of them is partial: layers are compared, edges are not"
    training = [(_where(each), f"{each.kind} in training", _what(each)) for each in found.training]
    yield Table(
        columns=[Column("layer"), Column("change"), Column("what")],
        rows=[*((_where(each), each.kind, _what(each)) for each in found.changes), *training],
        empty="layers are the same; names of symbols, examples or states differ",
    )
    yield f"{found.layers_same} layers are the same"
    if found.training_gap is not None:
        yield f"as they train they were not compared: {found.training_gap}"


def _where(change: NetworkChange) -> str:
    if change.before is None or change.after is None or change.before == change.after:
        return str(change.after if change.before is None else change.before)
    return f"{change.before} → {change.after}"


def _what(change: NetworkChange) -> str:
    if change.layers > 1:
        return f"{change.layers} layers"
    return ", ".join(map(_attribute, change.attributes))


def _attribute(each: ChangedAttribute) -> str:
    return f"{each.name} {_said(each.before)} → {_said(each.after)}"


def _said(value: object) -> str:
    if value is None:
        return "none"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)


def _values(rows: Sequence[ChangedValue]) -> Table:
    return Table(
        columns=[Column("name"), Column("before"), Column("after")],
        rows=[(row.name, row.before, row.after) for row in rows],
    )


def _columns(found: Sequence[Difference], values: Sequence[Sequence[ChangedValue]]) -> Table:
    """A row for each value that differs anywhere; a version that has the first's shows it."""
    by_name = [{each.name: each for each in part} for part in values]
    names = sorted({name for part in by_name for name in part})
    before = {each.name: each.before for part in values for each in part}
    return Table(
        columns=[Column("name"), Column(str(found[0].before)), *_titles(found)],
        rows=[
            (name, before[name], *(_after(part, name, before[name]) for part in by_name))
            for name in names
        ],
    )


def _after(part: Mapping[str, ChangedValue], name: str, before: Any) -> Any:
    return part[name].after if name in part else before


def _titles(found: Sequence[Difference]) -> list[Column]:
    return [Column(str(each.after)) for each in found]


def _relative(found: Sequence[Difference]) -> Table:
    """How far each tensor moved; what else happened to it in words."""
    parts = [{each.name: each for each in difference.tensors} for difference in found]
    names = list(dict.fromkeys(name for part in parts for name in part))
    return Table(
        columns=[
            Column("tensor"),
            *(Column(str(each.after), Kind.NUMBER, has_bar=True) for each in found),
        ],
        rows=[(name, *(_moved(part.get(name)) for part in parts)) for name in names],
        has_one_scale=True,
    )


def _moved(each: ChangedTensor | None) -> float | str:
    if each is None:
        return "same"
    known = _number(each, each.relative_change)
    return each.change if known is None else known


def _tensors(found: Difference) -> Table:
    return Table(
        columns=[
            *(Column(title) for title in ("tensor", "change", "before", "after")),
            Column("relative change", Kind.NUMBER, has_bar=True),
            Column("elements changed", Kind.SHARE),
            *(Column(title, Kind.NUMBER) for title in ("cosine", "stable rank")),
        ],
        rows=[
            (
                each.name if each.old_name is None else f"{each.old_name} → {each.name}",
                each.change,
                each.before,
                each.after if each.after != each.before else "same",
                _number(each, each.relative_change),
                _number(each, each.share_changed),
                _number(each, each.cosine, digits=6),
                _number(each, each.stable_rank, digits=3),
            )
            for each in found.tensors
        ],
    )


def _number(each: ChangedTensor, value: float | None, *, digits: int = 4) -> float | None:
    """A number with so many digits as say something, marked if it is an estimate."""
    if value is None:
        return None
    rounded = float(f"{value:.{digits}g}")
    return rounded if each.share_read is None or each.share_read >= 1 else Estimate(rounded)


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
