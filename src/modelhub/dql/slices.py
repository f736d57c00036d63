"""Networks that `slice` cuts out: found by a query, then run or committed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.versions import snapshot_rows, tensors_of, version_row
from modelhub.dlv.joined import JoinedTensor
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.commit import CommitOptions, Committed, commit_state
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import VersionRef
from modelhub.dlv.weights import network_weights
from modelhub.errors import InputError
from modelhub.network import Network, slice_network
from modelhub.wrappers import FRAMEWORKS, MODULES, Captured, ModuleWrapper


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A part of a version's network; nothing of it is stored.

    Attributes:
        source: whose network it is.
        start: the first node; what it reads are the inputs.
        end: the last node.
    """

    source: VersionRef
    start: str
    end: str

    def __str__(self) -> str:
        return f"{self.source}: {self.start} … {self.end}"


def sliced_network(repository: ReadableRepository, found: Slice) -> Network:
    """The network of a slice.

    Raises:
        InputError: it cannot be cut out; says why.
    """
    return slice_network(whole_network(repository, found.source), found.start, found.end)


def sliced_module(repository: ReadableRepository, found: Slice) -> Any:
    """A module that computes a slice, with the weights of the version's last snapshot.

    Raises:
        InputError: it cannot be cut out or run, or the weights do not fit.
        MissingExtraError: the framework that it is of is not installed.
    """
    network = sliced_network(repository, found)
    return module_wrapper(network).build(network, slice_weights(repository, found, network))


def commit_slice(
    repository: BaseRepository, found: Slice, name: str, *, message: str = ""
) -> Committed:
    """Record a slice with its weights as a version that descends from its source.

    No tensor is stored twice.

    Raises:
        InputError: it cannot be cut out, or the weights do not fit, or the name is no possible one.
    """
    network = sliced_network(repository, found)
    weights = slice_weights(repository, found, network)
    state = {
        each.name: weights[each.name].numpy()
        for each in network.states
        if each.is_stored_with_weights
    }
    options = CommitOptions(
        message=message,
        parents=[found.source.id],
        network=Captured(network=network, tensors={}),
        network_from=f"a slice of {found.source}",
    )
    return commit_state(repository, name, state, options=options)


def module_wrapper(network: Network) -> ModuleWrapper:
    """What makes modules of a network.

    Raises:
        InputError: nothing does.
        MissingExtraError: the framework that it is of is not installed.
    """
    framework = FRAMEWORKS.get(network.dialect, network.dialect)
    if framework not in set(MODULES):
        raise InputError(f"of networks of the dialect {network.dialect!r} no module is built")
    return MODULES.get(framework)


def slice_weights(
    repository: ReadableRepository, found: Slice, network: Network
) -> dict[str, Tensor | JoinedTensor]:
    """The weights of a slice, whose network is known."""
    return kept_weights(repository, found.source, [each.name for each in network.states])


def whole_network(repository: ReadableRepository, source: VersionRef) -> Network:
    """The network of a version.

    Raises:
        InputError: it has none.
    """
    row = version_row(repository.catalog, source.id)
    if row is None or row.network is None:
        raise InputError(f"{source} has no network, only weights")
    return read_network(repository, row.network)


def kept_weights(
    repository: ReadableRepository, source: VersionRef, kept: Iterable[str]
) -> dict[str, Tensor | JoinedTensor]:
    """The tensors of the states that are left, by name, as in the version's last snapshot.

    Raises:
        InputError: it has no weights, or they do not fit.
    """
    row = version_row(repository.catalog, source.id)
    snapshots = [] if row is None else snapshot_rows(repository.catalog, row.key)
    if not snapshots:
        raise InputError(f"{source} has no weights")
    tensors = tensors_of(repository.catalog, snapshots[-1].key)
    whole = whole_network(repository, source)
    weights = network_weights(repository, whole, tensors)
    first = {each.name: each.tied for each in whole.states if each.tied is not None}
    return {each: weights[each if each in weights else first[each]] for each in kept}
