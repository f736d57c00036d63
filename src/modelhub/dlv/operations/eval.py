"""dlv eval: versions run on data, and measured."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelhub import durable
from modelhub._version import __version__
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import snapshot_rows, version_row
from modelhub.dlv.naming import resolve_all
from modelhub.dlv.notebook import Shown
from modelhub.dlv.operations.names import annotate
from modelhub.dlv.running import RunningVersion, runnable_network
from modelhub.dlv.versions import VersionRef
from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation import (
    ClassResult,
    DataOptions,
    EvaluationOptions,
    Feed,
    Measured,
    Predictions,
    WantedInput,
    connect,
    metric,
    open_data,
)
from modelhub.evaluation import evaluate as evaluate_model
from modelhub.network import OUTPUT, Network, references
from modelhub.recipes import write_npz
from modelhub.values import Progress
from modelhub.wrappers import Model

ALL = "all"
PREFIX = "eval"  # of annotated metrics, and the name of the note


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalOptions:
    """How versions are evaluated.

    Attributes:
        data: what the user says of the data.
        metrics: names; those that fit the labels if empty.
        snapshot: the one that a revision does not name; `all` for each of them.
        batch_size: examples at once.
        output: which output of the network is measured, counted from 0.
        has_probabilities: whether that output is probabilities of classes; None if the network
            is to say it, by a softmax at its end.
        per_class: whether classes are counted one by one.
        predictions: the .npz file that outputs, labels and named classes are written to.
        annotates: whether the results are recorded on the versions.
    """

    data: DataOptions = field(default_factory=DataOptions)
    metrics: Sequence[str] = ()
    snapshot: str | None = None
    batch_size: int = 64
    output: int = 0
    has_probabilities: bool | None = None
    per_class: bool = False
    predictions: Path | None = None
    annotates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluatedSnapshot:
    """How one snapshot did.

    Attributes:
        version: whose snapshot it is.
        snapshot: its name.
        step: of the training.
        metrics: what was measured, by name.
        examples: how many there were.
        nans: elements of outputs that are NaN.
        infinities: elements that are infinite.
        broken_examples: examples with any such element.
        seconds: inside the model.
        classes: class by class, if asked for.
        confusion: rows are right classes, columns named ones, if asked for.
    """

    version: VersionRef
    snapshot: str
    step: int | None
    metrics: Mapping[str, float]
    examples: int
    nans: int
    infinities: int
    broken_examples: int
    seconds: float
    classes: Sequence[ClassResult]
    confusion: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation(Shown):
    """How versions did on the same data.

    Attributes:
        data: as it was named.
        data_id: BLAKE3 of the data.
        label: the field of labels.
        inputs: each input of the first network, and the field that it was fed with.
        rows: one for each snapshot.
        predictions: the file that was written.
        annotated: the versions on which the results were recorded.
        notes: what the user should know, a line each.
    """

    data: str
    data_id: str
    label: str | None
    inputs: Mapping[str, str]
    rows: Sequence[EvaluatedSnapshot]
    predictions: Path | None
    annotated: Sequence[str]
    notes: Sequence[str]


def evaluate(
    repository: BaseRepository,
    revisions: Sequence[str],
    data: str,
    *,
    options: EvalOptions | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Run versions on data and measure them; only `options.annotates` changes the repository.

    Args:
        repository: where the versions are.
        revisions: which; the last snapshot of each that names none.
        data: a file, a folder, or `package.module:function`.
        options: how.
        progress: told the bytes that were fed, for each snapshot.

    Raises:
        NotFoundError: there is no such version, snapshot, metric, or data.
        InputError: a network cannot be run, or the data do not fit it; says why.
        MissingExtraError: the network's framework, or a reader of data, is not installed.
    """
    chosen = options or EvalOptions()
    for name in chosen.metrics:
        metric(name)
    targets = [_target(repository, each, chosen.snapshot) for each in revisions]
    _check_predictions(chosen.predictions, targets)
    session = _Session(repository, data, chosen, progress)
    rows = [row for target in targets for row in session.rows(target)]
    if chosen.annotates:
        for target in targets:
            _record(repository, target, [r for r in rows if r.version == target.ref], session)
    return Evaluation(
        data=data,
        data_id=session.data_id,
        label=session.feeds[0].label,
        inputs={each.wanted.name: each.field for each in session.feeds[0].preparations},
        rows=rows,
        predictions=chosen.predictions,
        annotated=[str(target.ref) for target in targets] if chosen.annotates else [],
        notes=list(dict.fromkeys(session.notes)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """A version, the snapshots of it that are evaluated, and the name of its last one."""

    ref: VersionRef
    row: Any
    snapshots: Sequence[Any]
    last: str


def _target(repository: BaseRepository, revision: str, snapshot: str | None) -> _Target:
    asked = None if snapshot == ALL else snapshot
    found = resolve_all(repository, revision, snapshot=asked)
    row = version_row(repository.catalog, found.ref.id)
    assert row is not None
    if found.tensors is not None:
        raise InputError(f"{revision!r} names tensors; evaluate a whole version: {found.ref}")
    known = snapshot_rows(repository.catalog, row.key)
    if not known:
        raise NotFoundError(f"{found.ref} has no snapshots: it holds no weights")
    chosen = known if snapshot == ALL else [found.snapshot(known)]
    return _Target(ref=found.ref, row=row, snapshots=chosen, last=known[-1].name)


def _check_predictions(path: Path | None, targets: Sequence[_Target]) -> None:
    if path is None:
        return
    count = sum(len(target.snapshots) for target in targets)
    if count != 1:
        raise InputError(
            f"{path} would hold the outputs of one snapshot, {count} are evaluated; "
            "save them one by one"
        )
    if path.suffix.lower() != ".npz":
        raise InputError(f"outputs are written as .npz; call the file {path.stem}.npz")
    if not path.absolute().parent.is_dir():
        raise NotFoundError(f"there is no folder {path.parent} to write {path.name} into")


class _Session:
    """One data source, opened for networks as they take it."""

    def __init__(
        self,
        repository: BaseRepository,
        data: str,
        options: EvalOptions,
        progress: Progress | None,
    ) -> None:
        self._repository = repository
        self._data = data
        self._options = options
        self._progress = progress
        self._known: dict[tuple[WantedInput, ...], Feed] = {}
        self.data_id = ""
        self.notes: list[str] = []

    @property
    def data(self) -> str:
        """The data, as they were named."""
        return self._data

    @property
    def feeds(self) -> list[Feed]:
        """The data as each network takes them, in the order in which these came."""
        return list(self._known.values())

    def rows(self, target: _Target) -> Iterator[EvaluatedSnapshot]:
        """Evaluate the snapshots of a version."""
        network = runnable_network(self._repository, target.ref, target.row)
        running = RunningVersion(self._repository, target.row, network)
        for snapshot in target.snapshots:
            with running.at(snapshot) as model:
                measured = self._measured(network, model, f"{target.ref}/{snapshot.name}")
            yield EvaluatedSnapshot(
                version=target.ref,
                snapshot=snapshot.name,
                step=snapshot.step,
                **{name: getattr(measured, name) for name in Measured.__slots__},
            )

    def _measured(self, network: Network, model: Model, name: str) -> Measured:
        wanted, fixed = wanted_inputs(network, model.inputs)
        feed = self._feed(wanted)
        predictions = None if self._options.predictions is None else Predictions()
        try:
            found = evaluate_model(
                model,
                feed,
                self._evaluation_options(network, fixed),
                predictions=predictions,
                progress=self._progress,
                label=name,
            )
            self._note(feed, found, name)
            if predictions is not None:
                assert self._options.predictions is not None
                _write(predictions, self._options.predictions)
        finally:
            if predictions is not None:
                predictions.close()
        return found

    def _feed(self, wanted: tuple[WantedInput, ...]) -> Feed:
        if wanted not in self._known:
            options = self._options.data
            source = open_data(self._data, wanted=wanted, options=options)
            self._known[wanted] = connect(source, wanted, options)
        return self._known[wanted]

    def _evaluation_options(self, network: Network, fixed: int | None) -> EvaluationOptions:
        chosen = self._options
        known = chosen.has_probabilities
        if fixed is not None and fixed != chosen.batch_size:
            self.notes.append(f"the network takes batches of {fixed}, and no others")
        return EvaluationOptions(
            metrics=chosen.metrics,
            batch_size=chosen.batch_size if fixed is None else fixed,
            output=chosen.output,
            has_probabilities=ends_in_softmax(network, chosen.output) if known is None else known,
            per_class=chosen.per_class,
        )

    def _note(self, feed: Feed, found: Measured, name: str) -> None:
        content = feed.source.content()
        if self.data_id and content != self.data_id:
            self.notes.append(
                f"{self._data} gave other data for {name} than before; do not compare the rows"
            )
        self.data_id = self.data_id or content
        if found.broken_examples:
            self.notes.append(
                f"{name}: {found.nans:,} NaN and {found.infinities:,} infinite numbers in the "
                f"outputs of {found.broken_examples:,} of {found.examples:,} examples"
            )


def wanted_inputs(
    network: Network, names: Sequence[str]
) -> tuple[tuple[WantedInput, ...], int | None]:
    """What a network takes, an example at a time, and how many at once if that is fixed.

    Args:
        network: whose inputs say dtypes and shapes; the first axis is that of examples.
        names: what the model calls its inputs, in the same order.

    Raises:
        InputError: an input has no axis for examples.
    """
    found, fixed = [], None
    for name, node in zip(names, network.inputs, strict=True):
        value = node.outputs[0]
        if not value.shape:
            raise InputError(f"the network's input {name!r} is one number, not one an example")
        first, *rest = value.shape
        fixed = first if isinstance(first, int) else fixed
        shape = tuple(extent if isinstance(extent, int) else None for extent in rest)
        found.append(WantedInput(name=name, dtype=value.dtype, shape=shape))
    return tuple(found), fixed


def ends_in_softmax(network: Network, output: int) -> bool:
    """Whether an output comes out of a softmax, directly or through plumbing."""
    node = next((each for each in network.nodes if each.op == OUTPUT), None)
    read = [] if node is None else list(node.inputs.references())
    while output < len(read):
        found = network.by_name[read[output][0]]
        if not found.plumbing:
            return found.template == "SOFTMAX" and found.kind != "LOG"
        read, output = list(references(list(found.inputs.args))), 0
    return False


def _write(predictions: Predictions, path: Path) -> None:
    with durable.open_output(path) as file, durable.reported("write", path):
        write_npz(file, predictions.outgoing())


def _record(
    repository: BaseRepository,
    target: _Target,
    rows: Sequence[EvaluatedSnapshot],
    session: _Session,
) -> None:
    metrics = {
        f"{PREFIX}/{name}" if row.snapshot == target.last else f"{PREFIX}/{row.snapshot}/{name}": v
        for row in rows
        for name, v in row.metrics.items()
    }
    snapshots = ", ".join(row.snapshot for row in rows)
    text = (
        f"{session.data} (BLAKE3 {session.data_id}), {rows[0].examples} examples, "
        f"snapshot {snapshots}, dlv {__version__}"
    )
    annotate(repository, str(target.ref), metrics=metrics, notes={PREFIX: text})
