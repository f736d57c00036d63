"""What is tried: networks of versions, slices and constructions, with their weights."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from modelhub.dlv.catalog.versions import version_row
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.running import runnable_network
from modelhub.dlv.versions import VersionRef
from modelhub.dql.constructs import (
    Change,
    Construction,
    NewLayer,
    constructed_network,
    construction_weights,
)
from modelhub.dql.slices import Slice, kept_weights, slice_weights, sliced_network
from modelhub.errors import InputError, IntegrityError, NotFoundError
from modelhub.network import Network
from modelhub.values import VersionId
from modelhub.wrappers import FRAMEWORKS, TRAINERS, Trainer

Part: TypeAlias = VersionRef | Slice | Construction


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A network that is tried.

    Attributes:
        part: where it comes from.
    """

    part: Part

    @property
    def source(self) -> VersionRef:
        """The version that it is made of."""
        return self.part if isinstance(self.part, VersionRef) else self.part.source

    def network(self, repository: ReadableRepository) -> Network:
        """The network.

        Raises:
            NotFoundError: the version is not there any more.
            InputError: it has none, or one that cannot be made or run.
        """
        row = version_row(repository.catalog, self.source.id)
        if row is None:
            raise NotFoundError(f"{self.source} is not there any more")
        match self.part:
            case Slice():
                return sliced_network(repository, self.part)
            case Construction():
                return constructed_network(repository, self.part)
            case _:
                return runnable_network(repository, self.part, row)

    def weights(
        self, repository: ReadableRepository, network: Network, seed: int
    ) -> Mapping[str, Any]:
        """The weights that training begins with; `seed` is of new layers.

        Raises:
            InputError: there are none, or they do not fit.
        """
        match self.part:
            case Slice():
                return slice_weights(repository, self.part, network)
            case Construction():
                return construction_weights(repository, self.part, network, seed)
            case _:
                names = [each.name for each in network.states]
                return kept_weights(repository, self.part, names)


def trainer_of(network: Network) -> Trainer:
    """What trains a network.

    Raises:
        InputError: nothing does.
        MissingExtraError: the framework that it is of is not installed.
    """
    framework = FRAMEWORKS.get(network.dialect, network.dialect)
    if framework not in set(TRAINERS):
        known = ", ".join(TRAINERS)
        raise InputError(
            f"networks of the dialect {network.dialect!r} cannot be trained here; those of "
            f"these can: {known}"
        )
    return TRAINERS.get(framework)


def written(found: Candidate) -> dict[str, Any]:
    """A candidate as the folder of its run has it (runs.md §3)."""
    source = found.source
    named = {"source": source.id, "name": source.name, "number": source.number}
    match found.part:
        case Slice(start=start, end=end):
            return {"kind": "slice", **named, "start": start, "end": end}
        case Construction(changes=changes):
            return {"kind": "construction", **named, "changes": [asdict(each) for each in changes]}
        case _:
            return {"kind": "version", **named}


def read(found: Mapping[str, Any]) -> Candidate:
    """A candidate that was written.

    Raises:
        IntegrityError: it is none.
    """
    try:
        source = VersionRef(
            id=VersionId(found["source"]), name=found["name"], number=found["number"]
        )
        part: Part = source
        if found["kind"] == "slice":
            part = Slice(source=source, start=found["start"], end=found["end"])
        elif found["kind"] == "construction":
            part = Construction(source=source, changes=[_change(c) for c in found["changes"]])
        return Candidate(part=part)
    except (KeyError, TypeError) as error:
        raise IntegrityError(f"a run names a network that cannot be read ({error!r})") from None


def _change(found: Mapping[str, Any]) -> Change:
    layer = found["layer"]
    return Change(**{**found, "layer": None if layer is None else NewLayer(**layer)})
