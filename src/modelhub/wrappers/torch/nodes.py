"""Followed operators as nodes of a network: named, grouped by layer, in order."""

import dataclasses
import operator
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import fx
from torch.utils import _pytree as trees

from modelhub.network import (
    FUNCTION,
    INPUT,
    LAYER,
    OUTPUT,
    STATE,
    STATE_PREFIX,
    Arguments,
    Body,
    Node,
    Operation,
    Value,
)
from modelhub.values import Json
from modelhub.wrappers.torch.classes import plain_attributes
from modelhub.wrappers.torch.export import Followed
from modelhub.wrappers.torch.operators import attributes_of, only_rearranges, template_of
from modelhub.wrappers.torch.owners import Key, Layer, Layers, in_order, owners, scope
from modelhub.wrappers.torch.sizes import Sizes
from modelhub.wrappers.torch.targets import base_of, name_of
from modelhub.wrappers.torch.trees import NotStorableError, encode

_BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")
_MAX_NAME = 480


class Writer:
    """Writes the nodes of a network.

    Attributes:
        nodes: those written, each after what it reads.
    """

    def __init__(self, followed: Followed, layers: Layers, states: Mapping[str, str], sizes: Sizes):
        """Args: states: placeholder -> name of its state; sizes: names of sizes that move."""
        self._followed, self._layers, self._states, self._sizes = followed, layers, states, sizes
        self._values: dict[fx.Node, Json] = {}  # what stands for the value of an operator
        self._used: set[str] = set()
        self.nodes: list[Node] = []

    def write(self, arguments: Mapping[str, str]) -> list[Node]:
        """All nodes.

        Args:
            arguments: placeholder -> the argument of forward that it is.
        """
        graph = self._followed.graph
        found = owners(graph, self._layers)
        members: dict[Key, list[fx.Node]] = {}
        for node, key in found.items():
            members.setdefault(key, []).append(node)
        for node in self._followed.program.graph_signature.user_inputs:
            self._input(str(node), arguments)
        for each in in_order(graph, found):
            if isinstance(each, tuple):
                self._layer(each, members[each], found)
            elif each.op == "call_function":
                self._loose(each)
            elif each.op == "output":
                self._output(each)
        return self.nodes

    def _input(self, placeholder: str, arguments: Mapping[str, str]) -> None:
        node = next((n for n in self._followed.graph.nodes if n.name == placeholder), None)
        values = [] if node is None else self._sizes.values(node.meta.get("val"))
        if node is None or not hasattr(node.meta.get("val"), "shape"):
            return  # a constant, such as use_cache=False
        argument = arguments.get(placeholder)
        name = self._name(placeholder)
        self._values[node] = {"$": name}
        self.nodes.append(
            Node(
                name=name,
                op=INPUT,
                template="INPUT",
                attributes={} if argument is None else {"argument": argument},
                outputs=values,
            )
        )

    def _loose(self, node: fx.Node) -> None:
        if node.target is operator.getitem and isinstance(self._values.get(node.args[0]), list):  # type: ignore[arg-type]
            self._values[node] = self._values[node.args[0]][node.args[1]]  # type: ignore[index]
            return
        path, call = scope(node)[-1] if scope(node) else ("", 0)
        base = base_of(node.target)
        is_plumbing = only_rearranges(node.target)
        template, kind = (None, None) if is_plumbing else template_of(node.target)
        inputs = self._arguments(node, self._refer)
        name = self._name(f"{path}.{base}" if path else base)
        outputs = self._sizes.values(node.meta.get("val"))
        self._values[node] = _standing_for(name, node.meta.get("val"))
        self.nodes.append(
            Node(
                name=name,
                op=FUNCTION,
                template=template,
                kind=kind,
                target=self._target(node),
                attributes={} if is_plumbing else attributes_of(node),
                inputs=inputs,
                states=self._states_of([node]),
                module=path,
                call=call,
                outputs=outputs,
                plumbing=is_plumbing,
            )
        )

    def _layer(self, key: Key, members: list[fx.Node], found: Mapping[fx.Node, Key]) -> None:
        path, call = key
        layer = self._layers.at(path)
        assert layer is not None
        given = _given(members, found, key, self._states)
        read = [(each, self._refer(each)) for each in given]
        returned = [
            node
            for node in members
            if not isinstance(node.meta.get("val"), list | tuple)
            and any(found.get(user) != key for user in node.users)
        ]
        name = self._name(f"{path}@{call}" if call else path)
        is_known = layer.row is not None and len(read) == 1 == len(returned)
        is_known = is_known and _is_as_built(layer, members)
        for i, node in enumerate(returned):
            self._values[node] = {"$": name, "i": i} if i else {"$": name}
        self.nodes.append(
            Node(
                name=name,
                op=LAYER,
                template=layer.template,
                kind=layer.kind,
                target=layer.row.target if is_known and layer.row else None,
                attributes=self._attributes(layer, is_known=is_known),
                inputs=Arguments(args=[tree for _, tree in read]),
                states=self._own_states(path, layer) if is_known else self._states_of(members),
                body=None if is_known else self._body(members, given, returned),
                module=path,
                call=call,
                outputs=[v for n in returned for v in self._sizes.values(n.meta.get("val"))],
            )
        )

    def _attributes(self, layer: Layer, *, is_known: bool) -> dict[str, Any]:
        if is_known and layer.row is not None:
            return layer.row.read(layer.module)
        return plain_attributes(layer.module)

    def _own_states(self, path: str, layer: Layer) -> list[str]:
        owned = (*layer.module._parameters.items(), *layer.module._buffers.items())  # noqa: SLF001
        return [f"{path}.{name}" for name, value in owned if value is not None]

    def _states_of(self, members: Sequence[fx.Node]) -> list[str]:
        read = [each for node in members for each in node.all_input_nodes]
        return list(dict.fromkeys(self._states[e.name] for e in read if e.name in self._states))

    def _body(
        self, members: Sequence[fx.Node], given: Sequence[fx.Node], returned: Sequence[fx.Node]
    ) -> Body:
        local: dict[fx.Node, Json] = {node: {"$": f"in{i}"} for i, node in enumerate(given)}

        def refer(node: fx.Node) -> Json:
            if node.name in self._states:
                return {"$": STATE_PREFIX + self._states[node.name]}
            return local[node]

        ops = []
        for node in members:
            above = node.args[0] if node.target is operator.getitem else None
            if isinstance(above, fx.Node) and isinstance(local.get(above), list):
                local[node] = local[above][node.args[1]]  # type: ignore[index]
                continue
            name = f"op_{node.name}" if re.fullmatch(r"in\d+", node.name) else node.name
            ops.append(
                Operation(
                    name=name,
                    target=self._target(node),
                    inputs=self._arguments(node, refer),
                    outputs=self._sizes.values(node.meta.get("val")),
                )
            )
            local[node] = _standing_for(name, node.meta.get("val"))
        return Body(inputs=len(given), ops=ops, returns=[local[node] for node in returned])

    def _output(self, node: fx.Node) -> None:
        spec = self._followed.program.call_spec.out_spec
        values = [None if v is None else encode(v, self._refer) for v in node.args[0]]  # type: ignore[union-attr]
        tree = _structured(trees.tree_unflatten([_Leaf(v) for v in values], spec))
        self.nodes.append(
            Node(
                name=self._name("output"),
                op=OUTPUT,
                template="OUTPUT",
                inputs=Arguments(args=[tree]),
            )
        )

    def _refer(self, node: fx.Node) -> Json:
        if node not in self._values and node.name in self._states:
            state = self._states[node.name]
            name = self._name(state)
            self.nodes.append(
                Node(
                    name=name,
                    op=STATE,
                    states=[state],
                    outputs=self._sizes.values(node.meta.get("val")),
                )
            )
            self._values[node] = {"$": name}
        return self._values[node]

    def _arguments(self, node: fx.Node, refer: Any) -> Arguments:
        return Arguments(
            args=[encode(each, refer) for each in node.args],
            kwargs={name: encode(each, refer) for name, each in node.kwargs.items()},
        )

    def _target(self, node: fx.Node) -> str:
        name = name_of(node.target)
        if name is None:
            raise NotStorableError(f"it calls {node.target}, which cannot be kept in a network")
        return name

    def _name(self, wanted: str) -> str:
        base = name = _BLANK.sub("_", wanted)[:_MAX_NAME] or "_"
        count = 0
        while name in self._used:
            count += 1
            name = f"{base}_{count}"
        self._used.add(name)
        return name


def without_sizes(node: Node) -> Node:
    """A node that says of what it gives only how many there are (docs/spec/network.md §9)."""
    body = node.body
    if body is not None:
        ops = [dataclasses.replace(each, outputs=_counted(each.outputs)) for each in body.ops]
        body = dataclasses.replace(body, ops=ops)
    return dataclasses.replace(node, body=body, outputs=_counted(node.outputs))


def _counted(outputs: Sequence[Value]) -> list[Value]:
    return [Value(dtype="", shape=())] * len(outputs) if len(outputs) > 1 else []


class _Leaf:
    """The tree of one output; the structure around it is torch's."""

    def __init__(self, tree: Json) -> None:
        self.tree = tree


def _structured(found: Any) -> Json:
    if isinstance(found, _Leaf):
        return found.tree
    if isinstance(found, Mapping):
        return {"map": [[str(key), _structured(each)] for key, each in found.items()]}
    if isinstance(found, list | tuple):
        return [_structured(each) for each in found]
    if found is None:
        return None
    return [_structured(each) for each in trees.tree_leaves(found)]


def _standing_for(name: str, value: Any) -> Json:
    """References to the value of an operator; to each, if it gives several."""
    if isinstance(value, list | tuple):
        return [{"$": name, "i": i} if i else {"$": name} for i in range(len(value))]
    return {"$": name}


def _given(
    members: Sequence[fx.Node], found: Mapping[fx.Node, Key], key: Key, states: Mapping[str, str]
) -> list[fx.Node]:
    """What a layer reads that it does not compute and that is no state: each once, sizes last."""
    read = (each for node in members for each in node.all_input_nodes)
    given = dict.fromkeys(e for e in read if found.get(e) != key and e.name not in states)
    return sorted(given, key=lambda each: not isinstance(each.meta.get("val"), torch.Tensor))


def _is_as_built(layer: Layer, members: Sequence[fx.Node]) -> bool:
    """Whether a call took no settings of its own: only transposed convolutions do."""
    wanted = layer.row.read(layer.module).get("output_padding") if layer.row else None
    found = [attributes_of(node).get("output_padding") for node in members]
    return wanted is None or wanted in found
