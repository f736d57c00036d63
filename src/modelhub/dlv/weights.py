"""The weights of a network: tensors of a snapshot by the names of the network's states."""

from collections.abc import Sequence

from modelhub.dlv.joined import JoinedTensor
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import InputError
from modelhub.network import Network, fit_weights
from modelhub.values import TensorInfo


def network_weights(
    repository: ReadableRepository, network: Network, found: Sequence[SnapshotTensor]
) -> dict[str, Tensor | JoinedTensor]:
    """The tensor of each state: those of a snapshot, and those that the network keeps.

    Nothing is read yet.

    Raises:
        InputError: the snapshot does not fit the network; says which names and shapes.
    """
    tensors = {each.name: each for each in found}
    fit = fit_weights(network, {name: each.shape for name, each in tensors.items()})
    if not fit.is_enough:
        raise InputError(f"the weights do not fit the network: {fit.problem}")
    weights: dict[str, Tensor | JoinedTensor] = {
        state: Tensor(repository, tensors[name]) for state, name in fit.tensors.items()
    }
    shapes = {state.name: state.shape for state in network.states}
    for state, parts in fit.joined.items():
        held = [(part, Tensor(repository, tensors[name])) for part, name in parts]
        weights[state] = JoinedTensor(state, shapes[state], held)
    for each in network.states:
        if each.tensor is not None:
            info = TensorInfo(id=each.tensor, dtype=each.dtype, shape=each.shape)
            weights[each.name] = Tensor(repository, SnapshotTensor(name=each.name, info=info))
    return weights
