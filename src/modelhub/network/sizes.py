"""Sizes for the symbols of a network: `batch=8`, `s0=8`, `image=8,1,28,28`."""

from collections.abc import Mapping, Sequence

from modelhub.errors import InputError
from modelhub.network.expressions import evaluate_extent
from modelhub.network.graph import Extent, Network, Node, Symbol
from modelhub.values import Shape

BATCH = "batch"  # the first extent of inputs, whatever its symbol is called
# A framework that takes 1 for a special case says 2 for the least; sizes hold for 1 as well.
_SPECIAL = 2


def solve_sizes(network: Network, given: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """The size of each symbol: as given, else 1 for the batch, else as it was at capture.

    Args:
        network: whose symbols.
        given: a symbol, or `batch`, with one size; or an input, with all its extents.

    Raises:
        InputError: a name is neither symbol nor input, sizes contradict each other, or are out
            of the bounds within which the network holds.
    """
    sizes: dict[str, int] = {}
    inputs = {node.name: node for node in network.inputs}
    for name, extents in given.items():
        if name in inputs and name not in network.symbols:
            _fit_input(sizes, inputs[name], extents)
        else:
            for symbol in _named_symbols(network, name):
                _settle(sizes, symbol, _only(name, extents), name)
    for name, size in sizes.items():
        _check_bounds(name, network.symbols[name], size)
    _check_inputs(network, given, sizes := _defaults(network) | sizes)
    return sizes


def batch_symbols(network: Network) -> list[str]:
    """The symbols that are the first extent of an input, and were as large as the first of them.

    A network of texts and pictures may have a batch of each.
    """
    found = [
        str(value.shape[0])
        for node in network.inputs
        for value in node.outputs[:1]
        if value.shape and value.shape[0] in network.symbols
    ]
    size = network.symbols[found[0]].example if found else 0
    return list(dict.fromkeys(s for s in found if network.symbols[s].example == size))


def _defaults(network: Network) -> dict[str, int]:
    batch = batch_symbols(network)
    return {
        name: max(1, _least(symbol)) if name in batch else symbol.example
        for name, symbol in network.symbols.items()
    }


def _named_symbols(network: Network, name: str) -> list[str]:
    batch = batch_symbols(network)
    if name in network.symbols:
        return [name]
    if name == BATCH and batch:
        return batch
    inputs = [node.name for node in network.inputs]
    known = [*([BATCH] if batch else []), *network.symbols, *inputs]
    raise InputError(
        f"{name!r} is no size of this network; there are: "
        f"{', '.join(known) or 'none, all its sizes are fixed'}"
    )


def _only(name: str, extents: Sequence[int]) -> int:
    if len(extents) != 1:
        raise InputError(f"{name!r} is one size, and {len(extents)} are given")
    return extents[0]


def _fit_input(sizes: dict[str, int], node: Node, extents: Sequence[int]) -> None:
    shape = node.outputs[0].shape if node.outputs else ()
    if len(shape) != len(extents):
        raise InputError(
            f"input {node.name!r} has {len(shape)} axes, [{_said(shape)}], "
            f"and {len(extents)} sizes are given"
        )
    for extent, size in zip(shape, extents, strict=True):
        if isinstance(extent, int) and extent != size:
            raise InputError(
                f"input {node.name!r} is [{_said(shape)}]: {extent} is fixed, and cannot be {size}"
            )
        if isinstance(extent, str) and extent.isidentifier():
            _settle(sizes, extent, size, node.name)


def _settle(sizes: dict[str, int], symbol: str, size: int, name: str) -> None:
    if sizes.setdefault(symbol, size) != size:
        raise InputError(
            f"size {symbol!r} cannot be both {sizes[symbol]} and {size}, as {name!r} says"
        )


def _least(symbol: Symbol) -> int:
    least = symbol.min or 0
    return 1 if least == _SPECIAL else least


def _check_bounds(name: str, symbol: Symbol, size: int) -> None:
    if size < _least(symbol) or (symbol.max is not None and size > symbol.max):
        most = "any size" if symbol.max is None else symbol.max
        raise InputError(
            f"the network holds for {name!r} from {_least(symbol)} to {most}, not for {size}"
        )


def _check_inputs(
    network: Network, given: Mapping[str, Sequence[int]], sizes: Mapping[str, int]
) -> None:
    """Extents of inputs that are expressions come out as they were given."""
    for node in network.inputs:
        if node.name not in given or node.name in network.symbols:
            continue
        found = evaluate_shape(node.outputs[0].shape, sizes)
        if found != tuple(given[node.name]):
            raise InputError(f"input {node.name!r} would be [{_said(found)}] for these sizes")


def evaluate_shape(shape: Sequence[Extent], sizes: Mapping[str, int]) -> Shape:
    """A shape in numbers.

    Raises:
        InputError: a symbol has no size, or an extent is negative for these sizes.
    """
    return tuple(
        extent if isinstance(extent, int) else evaluate_extent(extent, sizes) for extent in shape
    )


def _said(shape: Sequence[Extent]) -> str:
    return ", ".join(map(str, shape))
