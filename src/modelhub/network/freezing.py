"""Which layers train in one of two networks and are frozen in the other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modelhub.network.graph import PARAMETER, Network
from modelhub.network.labels import local_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Freezing:
    """Layers whose parameters were frozen, or were set free, all alike.

    Attributes:
        before: the layer, or the path below which all layers are meant, in the first network.
        after: in the second one.
        layers: how many.
        is_frozen: whether fewer parameters train now.
        parameters: the layer's parameters that it is about, if it is not about all.
    """

    before: str
    after: str
    layers: int
    is_frozen: bool
    parameters: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    is_frozen: bool
    parameters: tuple[str, ...]  # empty: all


def find_freezing(
    before: Network, after: Network, pairs: Sequence[tuple[str, str]]
) -> Iterator[Freezing]:
    """What was frozen or set free, whole modules as one, in the order of the second network.

    Args:
        before: the first network.
        after: the second one.
        pairs: names of layers that are the same layer.

    Cost: O(layers * depth of their paths).
    """
    frozen = [_frozen(network) for network in (before, after)]
    turns: dict[str, _Turn] = {}
    partner = {b: a for a, b in pairs}
    for old, new in pairs:
        found = _turn(frozen[0].get(old, {}), frozen[1].get(new, {}))
        if found is not None:
            turns[new] = found
    of_path = _modules_that_turned(frozen[1], turns)
    seen: Counter[str] = Counter()
    order = [name for name in frozen[1] if name in turns]
    for name in order:
        seen[of_path.get(name, name)] += 1
    for name in order:
        path = of_path.get(name, name)
        count = seen.pop(path, 0)
        if count:
            yield Freezing(
                before=partner[name] if path == name else _old_path(path, name, partner[name]),
                after=path,
                layers=count,
                is_frozen=turns[name].is_frozen,
                parameters=turns[name].parameters,
            )


def _frozen(network: Network) -> dict[str, dict[str, bool]]:
    """Whether each parameter of each layer is frozen; layers without any are left out."""
    states = {each.name: each for each in network.states}
    found: dict[str, dict[str, bool]] = {}
    for node in network.nodes:
        own = {
            local_name(node, name): states[name].frozen
            for name in node.states
            if name in states and states[name].kind == PARAMETER
        }
        if own:
            found[node.name] = own
    return found


def _turn(old: Mapping[str, bool], new: Mapping[str, bool]) -> _Turn | None:
    turned = [name for name, is_frozen in new.items() if old.get(name, is_frozen) != is_frozen]
    if not turned:
        return None
    whole = len(turned) == len(new) and len(set(new.values())) == 1
    return _Turn(new[turned[0]], () if whole else tuple(turned))


def _modules_that_turned(
    layers: Mapping[str, object], turns: Mapping[str, _Turn]
) -> Mapping[str, str]:
    """Of each layer that turned, the widest module in which all layers did as it did."""
    having: Counter[str] = Counter(path for name in layers for path in _above(name))
    alike: Counter[tuple[str, _Turn]] = Counter(
        (path, turn) for name, turn in turns.items() for path in _above(name)
    )
    found = {}
    for name, turn in turns.items():
        for path in _above(name):
            if not turn.parameters and 1 < having[path] == alike[path, turn]:
                found[name] = path
                break
    return found


def _above(name: str) -> list[str]:
    """The paths above a layer, the widest first.

    >>> _above("encoder.layers.0.fc")
    ['encoder', 'encoder.layers', 'encoder.layers.0']
    """
    parts = name.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _old_path(path: str, new: str, old: str) -> str:
    """The path in the first network that a path of the second one is."""
    rest = new[len(path) :]
    return old[: -len(rest)] if old.endswith(rest) and old != rest else old
