"""In which stages the weights of a network are read (progressive.md §2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhub.errors import InputError
from modelhub.network import OUTPUT, Network
from modelhub.wrappers.torch.build import Weights, build
from modelhub.wrappers.torch.enclosures.walk import inexact_states
from modelhub.wrappers.torch.lower import lower

_FLOATS = ("float16", "bfloat16", "float64", "complex64", "complex128")
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far weights are read.

    Attributes:
        name: what people are told.
        levels: of each weight that is not read in full, by the name of its state.
    """

    name: str
    levels: Mapping[str, int]


def stages_of(suffix: Sequence[str]) -> list[Stage]:
    """The stages of a dense suffix: two levels, three of its first matrix, three, all.

    What stands before the suffix, and every vector, is read in full from the first stage on.
    """
    two = dict.fromkeys(suffix, 2)
    found = [Stage(name="2 levels", levels=two)]
    if len(suffix) > 1:
        first = {**two, suffix[0]: 3}
        found.append(Stage(name=f"3 levels of {suffix[0]}", levels=first))
    found.append(Stage(name="3 levels", levels=dict.fromkeys(suffix, 3)))
    found.append(Stage(name="in full", levels={}))
    return found


def dense_suffix(network: Network, weights: Weights) -> list[str]:
    """The weights that need not be read in full, in the order in which they are read.

    Args:
        network: of PyTorch's operators.
        weights: of any values; nothing but their shapes counts.

    Raises:
        InputError: there are none, or the network does not compute in float32.
    """
    others = [state.name for state in network.states if state.dtype in _FLOATS]
    if others:
        raise InputError(
            f"{', '.join(others[:_SHOWN])}: {_others(network, others)} are not float32, for which "
            "nothing can be proved; evaluate the network plainly"
        )
    tied = {state.tied for state in network.states} | {
        state.name for state in network.states if state.tied is not None
    }
    graph = lower(network)
    found = [name for name in inexact_states(build(network, weights), graph) if name not in tied]
    if not found:
        node = _last(network)
        raise InputError(
            "no fully connected layer stands at the end of the network with nothing behind it "
            f"but operators that have a rule; its last node is {node}; evaluate the network plainly"
        )
    return found


def _others(network: Network, names: Sequence[str]) -> str:
    return ", ".join(sorted({s.dtype for s in network.states if s.name in names}))


def _last(network: Network) -> str:
    inner = [node for node in network.nodes if node.op != OUTPUT and not node.plumbing]
    return f"{inner[-1].name} ({inner[-1].target})" if inner else "none"
