"""The module that a network becomes: its own paths, its own keys, no class of the user's."""

import copy
import functools
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Self

from torch import fx, nn
from torch.fx.graph_module import _forward_from_src

from modelhub.network import Network, network_bytes, parse_network
from modelhub.wrappers.torch.lower import lower

_NETWORK = "_rebuilt_from"  # the one name that no part of a user's module may have


class RebuiltModule(nn.Module):
    """A network with weights: trains, evaluates, copies and pickles as any module does.

    Each has a class of its own, whose `forward` is the network's; so its parts may have any name
    that parts of a module can have.
    """

    def __new__(cls, *_: Any) -> Self:
        """A module of a class that nobody shares."""
        own = type(cls.__name__, (cls,), {"__module__": cls.__module__})
        return super().__new__(own)

    def __init__(self, network: Network) -> None:
        """A module without its parts."""
        super().__init__()
        self.__dict__[_NETWORK] = network

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - as torch's own
        """Set the mode; where it is not known what training does, a warning says so."""
        network: Network = self.__dict__[_NETWORK]
        if mode and network.training_gap is not None:
            warnings.warn(
                "the module trains as it evaluates, but for dropout and the like: what else it "
                f"does while training is not known: {network.training_gap}",
                stacklevel=2,
            )
        super().train(mode)
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "RebuiltModule":
        copied = RebuiltModule(self.__dict__[_NETWORK])
        memo[id(self)] = copied
        copied.__dict__.update(copy.deepcopy(_parts(self), memo))
        compile_forward(copied)
        return copied

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (network_bytes(self.__dict__[_NETWORK]), _parts(self))


def restored(network: bytes, parts: Mapping[str, Any]) -> RebuiltModule:
    """A module that was pickled."""
    module = RebuiltModule(parse_network(network))
    module.__dict__.update(parts)
    compile_forward(module)
    return module


def _parts(module: RebuiltModule) -> dict[str, Any]:
    """What a module holds besides its network."""
    return {key: value for key, value in module.__dict__.items() if key != _NETWORK}


def compile_forward(module: RebuiltModule) -> None:
    """Make the parts run in the order of the network.

    Raises:
        InputError: the network cannot be run.
    """
    network: Network = module.__dict__[_NETWORK]
    evaluate = _compiled(lower(network))
    if network.training:
        train = _compiled(lower(network, training=True))
        type(module).forward = _by_mode(evaluate, train)
    else:
        type(module).forward = evaluate


def _compiled(graph: fx.Graph) -> Callable[..., Any]:
    code = graph.python_code("self")
    found: Callable[..., Any] = _forward_from_src(code.src, code.globals)
    return found


def _by_mode(evaluate: Callable[..., Any], train: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(evaluate)
    def forward(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
        return (train if self.training else evaluate)(self, *args, **kwargs)

    return forward
