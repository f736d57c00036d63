"""A network in the making: names are made valid and unique, states and notes are collected."""

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping

from modelhub.identity import tensor_hasher
from modelhub.network import CONSTANT, Network, Node, State, Symbol, network_bytes
from modelhub.recipes import UniqueNames, shown
from modelhub.values import Json, TensorId
from modelhub.wrappers.networks import Array, Captured
from modelhub.wrappers.state import Bytes, array_bytes

MAX_NAME = 480  # characters, so that `#2` can follow
MAX_KINDS = 20  # that a note names
_NOT_IN_NAMES = re.compile(r"[\s\x00-\x1f\x7f]+")


class NetworkDraft:
    """Nodes and states of a network that is being read from a file."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self._names, self._state_names = UniqueNames(), UniqueNames()
        self._nodes: list[Node] = []
        self._states: dict[str, State] = {}
        self._symbols: dict[str, Symbol] = {}
        self._tensors: dict[TensorId, Bytes] = {}
        self._notes: dict[str, None] = {}
        self._unknown: Counter[str] = Counter()

    def name(self, wanted: str, otherwise: str = "layer") -> str:
        """A name for a node: what is wanted, made valid, and `#2` behind it if it is taken."""
        return self._names.take(valid_name(wanted) or valid_name(otherwise) or "layer")

    def add(self, node: Node) -> Node:
        """Add a node; its name comes from `name`."""
        self._nodes.append(node)
        return node

    def state(self, state: State) -> str:
        """Add a state; the name under which it was added."""
        name = self._state_names.take(valid_name(state.name) or "state")
        self._states[name] = dataclasses.replace(state, name=name)
        return name

    def constant(self, name: str, array: Array) -> str:
        """Add a constant with its value; its name as a state."""
        dtype, shape, data = array_bytes(name, array)
        hasher = tensor_hasher(dtype, shape)
        hasher.update(data)
        tensor = TensorId(hasher.hexdigest())
        self._tensors[tensor] = dtype, shape, data
        return self.state(State(name=name, kind=CONSTANT, dtype=dtype, shape=shape, tensor=tensor))

    def symbol(self, name: str, symbol: Symbol) -> None:
        """Say what is known of a size that is not fixed."""
        self._symbols.setdefault(name, symbol)

    def note(self, text: str) -> None:
        """Tell the user something, once."""
        self._notes.setdefault(text)

    def unknown(self, kind: str) -> None:
        """Count a layer of which we know no more than the name of its kind."""
        self._unknown[shown(kind)] += 1

    def captured(self, *, partial: str | None = None) -> Captured:
        """What was drafted.

        Raises:
            InputError: it breaks a rule of the format, or is too large for it.
        """
        network = Network(
            dialect=self._dialect,
            partial=partial,
            nodes=tuple(self._nodes),
            states=tuple(self._states.values()),
            symbols=self._symbols,
        )
        network_bytes(network)
        notes = [*self._notes, *([_told(self._unknown)] if self._unknown else [])]
        return Captured(network=network, tensors=self._tensors, notes=notes)


def valid_name(text: str) -> str:
    """A text as the name of a node or state: blanks become `_`, and what is too long is cut."""
    plain = _NOT_IN_NAMES.sub("_", text).strip("_") if _NOT_IN_NAMES.search(text) else text
    return plain[:MAX_NAME].encode("utf-8", "replace").decode()


def reference(name: str, index: int = 0) -> Json:
    """The argument that is a node's value (docs/spec/network.md §4)."""
    found: Mapping[str, Json] = {"$": name, "i": index} if index else {"$": name}
    return found


def _told(unknown: Mapping[str, int]) -> str:
    kinds = [f"{kind} ({count})" if count > 1 else kind for kind, count in unknown.items()]
    rest = f" and {len(kinds) - MAX_KINDS} more" if len(kinds) > MAX_KINDS else ""
    return f"kept as CUSTOM, for they are not known here: {', '.join(kinds[:MAX_KINDS])}{rest}"
