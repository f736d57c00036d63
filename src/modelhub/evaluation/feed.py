"""Which field of the data is the label, which one goes into which input; and the feeding."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation.data import (
    FEATURES,
    LABELS,
    Array,
    DataOptions,
    DataSource,
    WantedInput,
    check_batch,
)
from modelhub.evaluation.preparation import Preparation, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class FedBatch:
    """What a network is fed with at once.

    Attributes:
        inputs: by the network's names.
        labels: None if the data have none.
    """

    inputs: Mapping[str, Array]
    labels: Array | None

    @property
    def count(self) -> int:
        """How many examples they are."""
        return len(next(iter(self.inputs.values())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A data source, connected to the inputs of a network.

    Attributes:
        source: the data.
        preparations: how each input is made, in the network's order.
        label: the field of labels, or None.
    """

    source: DataSource
    preparations: Sequence[Preparation]
    label: str | None

    @property
    def count(self) -> int | None:
        """How many examples there are, if that is known."""
        return self.source.fields[self.preparations[0].field].count

    def batches(self, size: int) -> Iterator[FedBatch]:
        """All examples in order.

        Raises:
            InputError: there are none, or they cannot be used.
        """
        names = list(dict.fromkeys(each.field for each in self.preparations))
        for name in names:
            check_batch(name, self.source.fields[name], size)
        if self.label is not None:
            names.append(self.label)
        for batch in self.source.batches(size, names):
            inputs = {each.wanted.name: each(batch[each.field]) for each in self.preparations}
            labels = None if self.label is None else batch[self.label]
            yield FedBatch(inputs=inputs, labels=labels)


def connect(source: DataSource, wanted: Sequence[WantedInput], options: DataOptions) -> Feed:
    """Find the labels, and a field for each input of a network.

    Labels are the field that `options.label` names, or else the first with a usual name
    (`LABELS`). An input takes the field that `options.inputs` names, or the one that is called
    like it; a single input that is left takes the single field that is left, or the one with a
    usual name (`FEATURES`).

    Raises:
        NotFoundError: a field that is named is not there.
        InputError: an input has no field, or one of another shape or dtype.
    """
    _check_options(source, wanted, options)
    label = _label(source, wanted, options)
    chosen = {
        each.name: options.inputs.get(each.name, each.name)
        for each in wanted
        if each.name in options.inputs or each.name in source.fields
    }
    missing = [each.name for each in wanted if each.name not in chosen]
    if missing:
        free = [name for name in source.fields if name != label and name not in chosen.values()]
        if len(missing) > 1 or not free:
            raise InputError(_unconnected(source, missing, free))
        chosen[missing[0]] = _only(source, missing, free)
    if not wanted:
        raise InputError("the network takes no inputs; there is nothing to evaluate")
    return Feed(
        source=source,
        preparations=[
            prepare(chosen[each.name], source.fields[chosen[each.name]], each, options)
            for each in wanted
        ],
        label=label,
    )


def _check_options(source: DataSource, wanted: Sequence[WantedInput], options: DataOptions) -> None:
    inputs = [each.name for each in wanted]
    for name, field in options.inputs.items():
        if name not in inputs:
            raise NotFoundError(f"the network has no input {name!r}; there are: {_list(inputs)}")
        _check_field(source, field)
    if options.label is not None:
        _check_field(source, options.label)


def _check_field(source: DataSource, name: str) -> None:
    if name not in source.fields:
        raise NotFoundError(f"the data have no {name!r}; there are: {_list(list(source.fields))}")


def _label(source: DataSource, wanted: Sequence[WantedInput], options: DataOptions) -> str | None:
    if options.label is not None:
        return options.label
    taken = {each.name for each in wanted} | set(options.inputs.values())
    return next((name for name in LABELS if name in source.fields and name not in taken), None)


def _only(source: DataSource, missing: Sequence[str], free: Sequence[str]) -> str:
    usual = [name for name in FEATURES if name in free]
    if len(free) == 1 or usual:
        return free[0] if len(free) == 1 else usual[0]
    raise InputError(_unconnected(source, missing, free))


def _unconnected(source: DataSource, missing: Sequence[str], free: Sequence[str]) -> str:
    field = free[0] if free else "FIELD"
    return (
        f"the network's input {_list(missing)} has no field in the data, which hold "
        f"{_list(list(source.fields))}; say --input {missing[0]}={field}"
        + ("" if free else ", or --label if the wrong one was taken for the labels")
    )


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:20]))
    return shown + (", …" if len(names) > 20 else "") if names else "none"  # noqa: PLR2004 - as above
