"""A network as a graph that PyTorch runs; nothing but operators of our list gets into it."""

import keyword
import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import fx

from modelhub.errors import InputError
from modelhub.network import (
    INPUT,
    LAYER,
    OUTPUT,
    STATE,
    STATE_PREFIX,
    Arguments,
    Network,
    Node,
)
from modelhub.wrappers.torch.classes import TARGETS
from modelhub.wrappers.torch.modes import COUNTER, MODES, count_batch, while_training
from modelhub.wrappers.torch.targets import (
    PYTHON,
    argument_names,
    base_of,
    function_of,
    gives_several,
)
from modelhub.wrappers.torch.trees import decode

_SAFE = re.compile(r'[^"\\\x00-\x1f\x7f]+')  # what may stand in generated code as a text
_MEAN = "running_mean"
NODE = "node"  # under which a value of the graph knows the node of the network that gives it


def lower(network: Network, *, training: bool = False) -> fx.Graph:
    """The graph of a network; layers of our classes are called, all else is written out.

    Args:
        network: of PyTorch's operators, not partial.
        training: whether by the nodes that the network has for training alone.

    Raises:
        InputError: it is partial, of another framework, or names what cannot be run.
    """
    if network.partial is not None:
        raise InputError(
            f"the network has no edges and cannot be run: {network.partial}; "
            "load the weights into the model's own code instead"
        )
    if network.dialect != "aten":
        raise InputError(f"the network's operators are {network.dialect}'s, not PyTorch's")
    return _Lowering(network, network.training if training else network.nodes).graph


class _Lowering:
    def __init__(self, network: Network, nodes: Sequence[Node]) -> None:
        self.graph = fx.Graph()
        self._states = dict.fromkeys(state.name for state in network.states)
        self._values: dict[tuple[str, int], Any] = {}
        self._several: dict[str, Any] = {}  # what gives several values, by node
        self._fetched: dict[str, fx.Node] = {}
        self._placeholders: set[str] = set()
        self._first_input: fx.Node | None = None
        self._device: Any = None
        for node in nodes:
            self._lower(node)

    def _lower(self, node: Node) -> None:
        if node.op == INPUT:
            given = self._values[node.name, 0] = self.graph.placeholder(self._placeholder(node))
            given.meta[NODE] = node.name
            self._first_input = self._first_input or given
        elif node.op == STATE:
            (name,) = node.states
            self._values[node.name, 0] = self._fetch(name)
        elif node.op == OUTPUT:
            (tree,) = node.inputs.args
            self.graph.output(_tuples(decode(tree, self._refer)))
        elif node.op == LAYER:
            self._layer(node)
        elif node.target is None:
            raise InputError(f"the node {node.name!r} of the network says not how to compute it")
        else:
            given = self._call(node.target, node.inputs, self._refer, node.module)
            self._name(given, node.name)
            self._keep(node.name, node.target, given)

    def _layer(self, node: Node) -> None:
        if node.body is not None:
            self._body(node)
            return
        if node.target not in TARGETS:
            raise InputError(f"the layer {node.name!r} is a {node.target}, which cannot be built")
        args = tuple(decode(tree, self._refer) for tree in node.inputs.args)
        called = self.graph.call_module(_Path(checked_path(node.module)), args)
        self._name(called, node.name)
        self._values[node.name, 0] = called

    def _body(self, node: Node) -> None:
        assert node.body is not None
        local: dict[tuple[str, int], Any] = {}
        several: dict[str, Any] = {}
        for i, tree in enumerate(node.inputs.args):
            local[f"in{i}", 0] = decode(tree, self._refer)

        def refer(name: str, index: int) -> Any:
            if name.startswith(STATE_PREFIX):
                return self._fetch(name.removeprefix(STATE_PREFIX))
            return self._item(local, several, name, index)

        for each in node.body.ops:
            given = self._call(each.target, each.inputs, refer, node.module)
            self._name(given, f"{node.name}.{each.name}")
            if gives_several(function_of(each.target)):
                several[each.name] = given
            else:
                local[each.name, 0] = given
        for i, tree in enumerate(node.body.returns):
            self._values[node.name, i] = decode(tree, refer)

    def _name(self, found: fx.Node, wanted: str) -> None:
        """Call a value in generated code as the network does."""
        found.name = self.graph._graph_namespace.create_name(re.sub(r"\W", "_", wanted), None)  # noqa: SLF001
        found.meta[NODE] = wanted

    def _keep(self, name: str, target: str, given: fx.Node) -> None:
        if gives_several(function_of(target)):
            self._several[name] = given
        else:
            self._values[name, 0] = given

    def _refer(self, name: str, index: int) -> Any:
        return self._item(self._values, self._several, name, index)

    def _item(
        self, values: dict[tuple[str, int], Any], several: Mapping[str, Any], name: str, index: int
    ) -> Any:
        if (name, index) not in values:
            if name not in several:
                raise InputError(f"the network reads output {index} of {name!r}, which is none")
            values[name, index] = self.graph.call_function(operator.getitem, (several[name], index))
        return values[name, index]

    def _call(self, target: str, inputs: Arguments, refer: Any, module: str) -> fx.Node:
        function = function_of(target)
        args = [decode(tree, refer, self._here) for tree in inputs.args]
        kwargs = {n: decode(tree, refer, self._here) for n, tree in inputs.kwargs.items()}
        if target.startswith(PYTHON):
            if kwargs or not all(isinstance(each, fx.Node | int | float) for each in args):
                raise InputError(f"the network calls {target} on what are no sizes")
            return self.graph.call_function(function, tuple(args))
        names = argument_names(function)
        if len(args) > len(names) or not kwargs.keys() <= set(names):
            raise InputError(f"the network calls {target} with arguments that it does not have")
        if base_of(function) in MODES:
            self._obey_mode(function, names, args, kwargs, module)
        found = self.graph.call_function(function, tuple(args), kwargs)
        if base_of(function) == "batch_norm":
            self._count(found, names, module)
        return found

    def _here(self) -> Any:
        """Where the network computes: where its first input is, else its first state."""
        if self._device is None:
            found = self._first_input
            if found is None and self._states:
                found = self._fetch(next(iter(self._states)))
            is_known = found is not None
            self._device = (
                self.graph.call_function(getattr, (found, "device"))
                if is_known
                else torch.device("cpu")
            )
        return self._device

    def _obey_mode(
        self,
        function: Any,
        names: Sequence[str],
        args: list[Any],
        kwargs: dict[str, Any],
        module: str,
    ) -> None:
        mode = MODES[base_of(function)]
        position = names.index(mode.argument)
        place: Any = args if position < len(args) else kwargs
        key = position if position < len(args) else mode.argument
        value = args[position] if position < len(args) else kwargs.get(mode.argument)
        if mode.is_flag and value is False:
            place[key] = self._training(module)
        elif not mode.is_flag and value:
            place[key] = self.graph.call_function(while_training, (self._training(module), value))

    def _count(self, found: fx.Node, names: Sequence[str], module: str) -> None:
        """Count the batches of a batch normalization whose module counts them."""
        mean = found.args[names.index(_MEAN)] if len(found.args) > names.index(_MEAN) else None
        if not isinstance(mean, fx.Node) or mean.op != "get_attr":
            return
        counter = f"{str(mean.target).rpartition('.')[0]}.{COUNTER}".lstrip(".")
        if counter in self._states:
            self.graph.call_function(count_batch, (self._training(module), self._fetch(counter)))

    def _training(self, module: str) -> fx.Node:
        """Whether a module is training, asked when it runs."""
        path = f"{checked_path(module)}.training".lstrip(".")
        if path not in self._fetched:
            self._fetched[path] = self._first_fetch(path)
        return self._fetched[path]

    def _fetch(self, name: str) -> fx.Node:
        if name not in self._states:
            raise InputError(f"the network reads the state {name!r}, which it does not have")
        if name not in self._fetched:
            self._fetched[name] = self._first_fetch(checked_path(name))
        return self._fetched[name]

    def _first_fetch(self, path: str) -> fx.Node:
        # `get_attr()` would warn of attributes that are no tensors, and of those yet to come.
        return self.graph.create_node("get_attr", _Path(path))

    def _placeholder(self, node: Node) -> str:
        name = re.sub(r"\W", "_", str(node.attributes.get("argument") or node.name))
        name = (
            f"_{name}" if keyword.iskeyword(name) or name[0].isdigit() or name == "self" else name
        )
        while name in self._placeholders:
            name += "_"
        self._placeholders.add(name)
        return name


class _Path(str):
    """A path that generated code spells `getattr(self, "lambda")` where a word is Python's own."""

    __slots__ = ()

    def split(self, *args: Any, **kwargs: Any) -> list[str]:
        """Its parts."""
        return [_Part(each) for each in super().split(*args, **kwargs)]


class _Part(str):
    __slots__ = ()

    def isidentifier(self) -> bool:
        """Whether it may follow a dot."""
        return is_plain_name(self)


def is_plain_name(name: str) -> bool:
    """Whether code can say `self.name`."""
    return str.isidentifier(name) and not keyword.iskeyword(name)


def checked_path(path: str) -> str:
    """A path, if it may stand in generated code.

    Raises:
        InputError: it may not.
    """
    parts = path.split(".") if path else []
    if not all(map(_SAFE.fullmatch, parts)):
        raise InputError(f"the network has the path {path!r}, which cannot be a module's")
    return path


def _tuples(found: Any) -> Any:
    """What a network returns: lists of values are tuples, as forward gives them."""
    if isinstance(found, list):
        return tuple(_tuples(each) for each in found)
    if isinstance(found, dict):
        return {key: _tuples(each) for key, each in found.items()}
    return found
