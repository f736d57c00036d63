"""Models in memory become networks, by the configuration that Keras itself writes."""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelhub.errors import InputError
from modelhub.network import BUFFER, PARAMETER
from modelhub.recipes import shown
from modelhub.wrappers.keras.backend import keras
from modelhub.wrappers.keras.graphs import network_of
from modelhub.wrappers.keras.parts import ConfigError, part_of
from modelhub.wrappers.keras.rules import Variable
from modelhub.wrappers.networks import Captured


def capture(
    model: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> Captured:
    """The network of a model or layer; example inputs are needed only to build it.

    Raises:
        InputError: it is not built, and cannot be on the example inputs.
    """
    _build(model, args, kwargs or {})
    held: dict[str, list[Variable]] = {}
    for path, name, variable in named_variables(model):
        kind = PARAMETER if _is_parameter(variable) else BUFFER
        held.setdefault(path, []).append(
            Variable(
                name=name,
                shape=tuple(map(int, variable.shape)),
                kind=kind,
                dtype=str(variable.dtype),
            )
        )
    try:
        return network_of(part_of(_configuration(model)), held)
    except (ConfigError, RecursionError) as error:
        raise InputError(
            f"the network of {type(model).__name__} is not known: {shown(str(error))}"
        ) from None


def _configuration(model: Any) -> Any:
    """What Keras writes about a model; of one that has no configuration, its class."""
    plain = {"module": type(model).__module__, "class_name": type(model).__name__}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of code in Lambda layers, which is not kept
            return json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    except (NotImplementedError, TypeError, ValueError):
        return {**plain, "config": {}}


def _build(model: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    if model.built:
        return
    if not args and not kwargs:
        raise InputError(
            f"{type(model).__name__} is not built, so that it has no weights; call it once, "
            "or give example inputs"
        )
    try:
        model(*args, **kwargs)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"{type(model).__name__} does not run on the example inputs: {lines[0][:300]}"
        ) from error


def named_variables(model: Any) -> Iterator[tuple[str, str, Any]]:
    """The weights of a model: path of the layer, name inside it, and the variable, each once."""
    seen: set[int] = set()
    for path, layer in layers_of(model, ""):
        taken: dict[str, int] = {}
        for variable in layer.weights:
            if id(variable) in seen:
                continue
            seen.add(id(variable))
            name = _name_inside(layer.name, variable.path)
            taken[name] = count = taken.get(name, 0) + 1
            yield path, name if count == 1 else f"{name}#{count}", variable


def layers_of(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """The layers of a model, those of models inside it in their place, by path."""
    inside = getattr(model, "layers", None)
    if not isinstance(inside, list) or not inside:
        yield prefix.removesuffix(":") or model.name, model
        return
    for layer in inside:
        path = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model) and layer.layers:
            yield from layers_of(layer, f"{path}:")
        else:
            yield path, layer
    if not prefix:
        yield "", model  # what it holds besides its layers


def _name_inside(layer: str, path: str) -> str:
    """`lstm_cell/kernel` of `model/lstm/lstm_cell/kernel`."""
    parts = path.split("/")
    if layer in parts:
        return "/".join(parts[parts.index(layer) + 1 :]) or parts[-1]
    return path


def _is_parameter(variable: Any) -> bool:
    """Whether a variable is learned: one that is frozen is a parameter, too."""
    return bool(variable.trainable) or not _is_statistic(variable)


def _is_statistic(variable: Any) -> bool:
    return str(variable.path).rpartition("/")[2] in _STATISTICS


_STATISTICS = {
    *("moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev"),
    *("mean", "variance", "count", "vector_u"),
}
