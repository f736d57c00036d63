"""Whether weights belong to a network: states and tensors matched by name and shape."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modelhub.network.graph import Network, Part, State
from modelhub.values import Shape

PREFIXES = ("module.", "model.", "_orig_mod.")  # what wrappers around a module put before names
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How tensors match the states that a snapshot must bring.

    Attributes:
        tensors: state name -> the name of its tensor; tied states may share one.
        joined: state name -> its parts, each with the name of its tensor.
        missing: states without a tensor.
        unexpected: tensors without a state.
        reshaped: (state, its shape, the tensor's shape) where they differ.
    """

    tensors: Mapping[str, str]
    joined: Mapping[str, Sequence[tuple[Part, str]]]
    missing: Sequence[str]
    unexpected: Sequence[str]
    reshaped: Sequence[tuple[str, Shape, Shape]]

    @property
    def is_exact(self) -> bool:
        """Whether everything matches, and nothing is left over."""
        return not (self.missing or self.unexpected or self.reshaped)

    @property
    def is_enough(self) -> bool:
        """Whether every state has its tensor; others may be left over."""
        return not (self.missing or self.reshaped)

    @property
    def problem(self) -> str:
        """What does not match, in one line: the first few of each kind, and how many more."""
        shapes = [
            f"{name} {_shape(found)} instead of {_shape(wanted)}"
            for name, wanted, found in self.reshaped
        ]
        kinds = (
            ("missing", list(self.missing)),
            ("not in the network", list(self.unexpected)),
            ("of another shape", shapes),
        )
        return "; ".join(f"{what}: {_first(names)}" for what, names in kinds if names)


def fit_weights(network: Network, shapes: Mapping[str, Shape]) -> Fit:
    """Match tensors with the states of a network.

    A prefix that all names share on one side only (`module.conv1.weight`) is passed over, and
    states may have the names that files give them. One tensor is enough for states that are tied.

    Args:
        network: what the weights are for.
        shapes: the tensors of a snapshot, by name.
    """
    states = [each for each in network.states if each.is_stored_with_weights]
    named = min(_namings(states, shapes), key=lambda n: sum(not _is_told(s, n) for s in states))
    tied = _ties(states, named)
    found = {s.name: named[tied[s.name]] for s in states if s.name in tied}
    joined = {
        s.name: [(part, named[part.name]) for part in s.parts]
        for s in states
        if s.name not in found and _is_told(s, named)
    }
    used = set(found.values()) | {named[s.name] for s in states if s.name in named}
    used |= {tensor for parts in joined.values() for _, tensor in parts}
    return Fit(
        tensors=found,
        joined=joined,
        missing=[s.name for s in states if s.name not in found and s.name not in joined],
        unexpected=[name for name in shapes if name not in used],
        reshaped=[
            *(
                (s.name, s.shape, tuple(shapes[found[s.name]]))
                for s in states
                if s.name in found and tuple(shapes[found[s.name]]) != tuple(s.shape)
            ),
            *(
                (tensor, part.shape, tuple(shapes[tensor]))
                for parts in joined.values()
                for part, tensor in parts
                if _without_ones(shapes[tensor]) != _without_ones(part.shape)
            ),
        ],
    )


def _is_told(state: State, named: Mapping[str, str]) -> bool:
    """Whether there is a tensor for a state, or for each of its parts."""
    is_joined = bool(state.parts) and all(part.name in named for part in state.parts)
    return state.name in named or is_joined


def _without_ones(shape: Shape) -> list[int]:
    return [extent for extent in shape if extent != 1]


def _namings(states: Sequence[State], shapes: Mapping[str, Shape]) -> Iterator[dict[str, str]]:
    """Tensors by what states may be called: as they are, without a prefix, and with one."""
    ours = {other: each.name for each in states for other in each.in_files}
    plain = {name: name for name in shapes}
    yield plain
    yield _translated(plain, ours)
    prefix = _prefix(list(shapes))
    if prefix:
        yield _translated({name.removeprefix(prefix): name for name in shapes}, ours)
    prefix = _prefix([each.name for each in states])
    if prefix:
        yield _translated({prefix + name: name for name in shapes}, ours)


def _translated(named: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Tensors by the names of states, where files may call those otherwise."""
    others = {ours[name]: tensor for name, tensor in named.items() if name in ours}
    return others | {name: tensor for name, tensor in named.items() if name not in ours}


def _prefix(names: Sequence[str]) -> str:
    """The longest run of known prefixes that all names begin with."""
    found = ""
    while names:
        more = next((p for p in PREFIXES if all(n.startswith(found + p) for n in names)), None)
        if more is None:
            break
        found += more
    return found


def _ties(states: Sequence[State], named: Mapping[str, str]) -> dict[str, str]:
    """State -> the state of the same tensor whose name is there; the state itself, if it is."""
    first = {each.name: each.tied or each.name for each in states}
    given: dict[str, str] = {}
    for each in states:
        if each.name in named:
            given.setdefault(first[each.name], each.name)
    return {
        name: name if name in named else given[head]
        for name, head in first.items()
        if name in named or head in given
    }


def _first(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _shape(shape: Shape) -> str:
    return "x".join(map(str, shape)) or "scalar"
