"""Networks and weights become models of Keras that train."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

from modelhub.dtypes import numpy_dtype
from modelhub.errors import InputError
from modelhub.network import FUNCTION, INPUT, LAYER, OUTPUT, Arguments, Network, Node, SymbolicShape
from modelhub.recipes import shown
from modelhub.values import Json
from modelhub.wrappers.keras.allowed import LAYERS, OBJECTS, OPERATIONS
from modelhub.wrappers.keras.attributes import DERIVED, MODULE, nested
from modelhub.wrappers.keras.backend import keras
from modelhub.wrappers.keras.capture import named_variables
from modelhub.wrappers.keras.layers import described
from modelhub.wrappers.keras.parts import ConfigError, part_of
from modelhub.wrappers.keras.rules import Read, weight_shape
from modelhub.wrappers.networks import Array, Weight

Weights: TypeAlias = Mapping[str, "Weight | Any"]
_SHOWN = 5
_LAYERS, _OPS = "keras.layers.", "keras.ops."
_CALLED = {"GroupedQueryAttention": "GroupQueryAttention"}  # class -> public name
_MAX_VALUES = 256  # that one function gives
_RESERVED = {"class_name", "module", "registered_name"}  # by which Keras finds classes


def build(network: Network, weights: Weights) -> Any:
    """A functional model of Keras' own layers, with its weights.

    Layers of models inside the model are called `MODEL:LAYER`, so that its states have the names
    that they had.

    Raises:
        InputError: a layer is not one of those of Keras that may be built, or holds more weights
            than its states; or weights are missing or do not fit; names them.

    Cost: memory for as many weights as are given, whatever the settings of layers say.
    """
    _refuse(_misfits(_states(network), weights))
    model = _Builder(network).model()
    fill(model, weights)
    return model


def fill(model: Any, weights: Weights) -> None:
    """Give a model its weights.

    Raises:
        InputError: some are missing or do not fit; the model must not be used then.
    """
    variables = {f"{path}/{name}": found for path, name, found in named_variables(model)}
    wanted = {name: (str(each.dtype), tuple(each.shape)) for name, each in variables.items()}
    _refuse(_misfits(wanted, weights))
    for name, variable in variables.items():
        variable.assign(_array(weights[name]))


def _states(network: Network) -> dict[str, tuple[str, Sequence[int]]]:
    return {state.name: (state.dtype, state.shape) for state in network.states}


def _refuse(misfits: Iterator[str]) -> None:
    problems = list(misfits)
    if problems:
        more = len(problems) - _SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        raise InputError(
            f"the weights do not fit the network: {'; '.join(problems[:_SHOWN])}{rest}"
        )


def _misfits(variables: Mapping[str, tuple[str, Sequence[int]]], weights: Weights) -> Iterator[str]:
    for name, (dtype, shape) in variables.items():
        wanted = f"{dtype} {list(shape)}"
        weight = weights.get(name)
        if weight is None:
            yield f"{name} is missing, {wanted}"
            continue
        found = f"{str(weight.dtype).removeprefix('torch.')} {list(weight.shape)}"
        if found != wanted:
            yield f"{name} is {found}, not {wanted}"
    for name in weights:
        if name not in variables:
            yield f"{name} is not in the network"


def _array(weight: Any) -> Any:
    if not hasattr(weight, "read_into"):
        return weight
    found: Array = np.empty(weight.shape, dtype=numpy_dtype(weight.dtype))
    weight.read_into(found.reshape(-1).view(np.uint8).data)
    return found


class _Builder:
    """Calls layers on Keras' own placeholders, node by node."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._values: dict[str, Any] = {}
        self._layers: dict[str, Any] = {}
        self._inputs: dict[str, Any] = {}
        self._keys: list[str | None] = []
        self._sizes = {state.name: prod(state.shape) for state in network.states}

    def model(self) -> Any:
        """The model."""
        result: Any = None
        for node in self._network.nodes:
            try:
                if node.op == INPUT:
                    self._values[node.name] = self._input(node)
                elif node.op == OUTPUT:
                    result = self._tree(node.inputs.args[0])
                else:
                    self._values[node.name] = self._called(node)
            except InputError:
                raise
            except Exception as error:
                lines = str(error).strip().splitlines() or [type(error).__name__]
                raise InputError(
                    f"the layer {node.name!r} cannot be built: {shown(lines[0])}"
                ) from error
        inputs = list(self._inputs.values())
        if self._keys and all(self._keys):
            given: Any = dict(zip(self._keys, inputs, strict=True))
        else:
            given = inputs[0] if len(inputs) == 1 else inputs
        return keras.Model(given, result)

    def _input(self, node: Node) -> Any:
        if not node.outputs:
            raise InputError(f"the shape of the input {node.name!r} is not known")
        shape = tuple(e if isinstance(e, int) else None for e in node.outputs[0].shape)
        found = keras.Input(batch_shape=shape, dtype=node.outputs[0].dtype, name=node.name)
        self._inputs[node.name] = found
        key = node.attributes.get("key")
        self._keys.append(key if isinstance(key, str) else None)
        return found

    def _called(self, node: Node) -> Any:
        args, kwargs = self._arguments(node.inputs)
        if not any(map(keras.backend.is_keras_tensor, keras.tree.flatten([args, kwargs]))):
            raise InputError(f"the layer {node.name!r} reads nothing")
        if node.op == FUNCTION:
            return _operated(node, args, kwargs)
        if node.op != LAYER:
            raise InputError(f"{node.name!r} is no layer of Keras")
        if node.module not in self._layers:
            most = sum(self._sizes[name] for name in node.states)
            self._layers[node.module] = _layer(node, _read(args, kwargs), most)
        return self._layers[node.module](*args, **kwargs)

    def _arguments(self, found: Arguments) -> tuple[list[Any], dict[str, Any]]:
        args = [self._tree(each) for each in found.args]
        return args, {key: self._tree(each) for key, each in found.kwargs.items()}

    def _tree(self, tree: Json) -> Any:
        if isinstance(tree, list | tuple):
            return [self._tree(each) for each in tree]
        if not isinstance(tree, Mapping):
            return tree
        if "$" in tree:
            value = self._values[str(tree["$"])]
            index = tree.get("i", 0)
            is_several = isinstance(value, list | tuple)
            return value[index] if is_several else value
        if "slice" in tree:
            ends: Any = tree["slice"]
            return slice(*[self._tree(each) for each in ends])
        pairs: Any = tree.get("map", ())
        return _worded({key: self._tree(each) for key, each in pairs})


def _worded(found: dict[str, Any]) -> Any:
    """What Keras writes as an object, for which networks have no word."""
    name, config = found.get("class_name"), found.get("config")
    if name == "__ellipsis__":
        return Ellipsis
    if name in {"__tensor__", "__numpy__"} and isinstance(config, dict):
        return np.asarray(config["value"], dtype=numpy_dtype(str(config["dtype"])))
    if name is not None:
        raise InputError(f"an argument is a {shown(str(name))}, which is not built")
    return found


def _layer(node: Node, read: Read, most: int) -> Any:
    """A layer of a class of Keras' that may be built, with at most so many weights."""
    name = (node.target or "").removeprefix(_LAYERS)
    if name not in LAYERS or not (node.target or "").startswith(_LAYERS):
        raise InputError(
            f"the layer {node.name!r} is a {shown(name)}, which is not built from what is stored; "
            "check out the files of the version, and load them with the code that defines it"
        )
    derived = DERIVED | ({"num_heads"} if "num_query_heads" in node.attributes else set())
    settings = {key: each for key, each in node.attributes.items() if key not in derived}
    config = {**_settings(nested(settings)), "name": node.module.replace("/", "_")}
    found = described(part_of({"class_name": name, "config": config}), read)
    sizes = [None if each.shape is None else weight_shape(*each.shape) for each in found.variables]
    if (
        not found.is_known
        or sum(prod(each) if each is not None else most + 1 for each in sizes) > most
    ):
        raise InputError(
            f"the layer {node.name!r} would hold other weights than its states; "
            "its settings are damaged"
        )
    return getattr(keras.layers, _CALLED.get(name, name)).from_config(config)


def _read(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Read:
    """The shapes of what a layer is called with; an open extent has no number."""
    named = {key: _shapes(each) for key, each in kwargs.items()}
    return Read(places=_shapes(args), names={key: each[0] for key, each in named.items() if each})


def _shapes(tree: Any) -> list[SymbolicShape]:
    tensors = [each for each in keras.tree.flatten(tree) if keras.backend.is_keras_tensor(each)]
    return [tuple("open" if e is None else int(e) for e in each.shape) for each in tensors]


def _settings(found: Any) -> Any:
    """Settings as `from_config` takes them: objects become what Keras writes."""
    if isinstance(found, dict):
        if _RESERVED & found.keys():
            raise ConfigError("a setting names a class where none may stand")
        return {key: _settings(each) for key, each in found.items()}
    if isinstance(found, list):
        return [_settings(each) for each in found]
    if isinstance(found, tuple):
        name, config = found
        return _object(str(name), dict(config))
    return found


def _object(name: str, config: dict[str, Any]) -> Any:
    for module, classes in OBJECTS.items():
        if name in classes and MODULE not in config:
            written = {"class_name": _CALLED.get(name, name), "config": _settings(config)}
            return {"module": f"keras.{module}", **written, "registered_name": None}
    raise ConfigError(f"{shown(name)} is no class of Keras' that is built")


def _operated(node: Node, args: list[Any], kwargs: dict[str, Any]) -> Any:
    name = (node.target or "").removeprefix(_OPS)
    settings = _settings(nested(node.attributes))
    if name == "get_item":
        value, key = args
        found = value[tuple(key) if isinstance(key, list) else key]
    else:
        if name not in OPERATIONS:
            raise InputError(f"{shown(name)} is no function of keras.ops that is built")
        given = {**settings, **kwargs}
        count = given.get("indices_or_sections", 1)
        if isinstance(count, int) and count > _MAX_VALUES:
            raise InputError(f"{node.name!r} cannot give {count} values")
        found = getattr(keras.ops, name)(*args, **given)
    _name(found, node.name)
    return found


def _name(found: Any, name: str) -> None:
    """Call an operation as it was called."""
    first = found[0] if isinstance(found, list | tuple) and found else found
    history = getattr(first, "_keras_history", None)
    if history is not None and "/" not in name:
        history.operation.name = name
