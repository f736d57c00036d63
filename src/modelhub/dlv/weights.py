"""The weights of a network: tensors of a snapshot by the names of the network's states."""

from collections.abc import Sequence

from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.tensors import Tensor
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import InputError
from modelhub.network import Network, fit_weights
from modelhub.values import TensorInfo


def network_weights(
    repository: ReadableRepository, network: Network, found: Sequence[SnapshotTensor]
) -> dict[str, Tensor]:
    """The tensor of each state: those of a snapshot, and those that the network keeps.

    Nothing is read yet.

    Raises:
        InputError: the snapshot does not fit the network; says which names and shapes.
    """
    tensors = {each.name: each for each in found}
    fit = fit_weights(network, {name: each.shape for name, each in tensors.items()})
    if not fit.is_enough:
        raise InputError(f"the weights do not fit the network: {fit.problem}")
    weights = {state: Tensor(repository, tensors[name]) for state, name in fit.tensors.items()}
    for state in network.states:
        if state.tensor is not None:
            info = TensorInfo(id=state.tensor, dtype=state.dtype, shape=state.shape)
            weights[state.name] = Tensor(repository, SnapshotTensor(name=state.name, info=info))
    return weights
