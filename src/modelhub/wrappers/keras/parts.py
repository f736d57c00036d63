"""Keras' configurations: objects that are a class name and settings, whatever they describe."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelhub.recipes import shown

_MIXED = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}
_OPERATIONS = "keras.src.ops"
_CAMEL = (re.compile(r"(.)([A-Z][a-z]+)"), re.compile(r"([a-z])([A-Z])"))


class ConfigError(ValueError):
    """A configuration contradicts itself, or is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A layer, an operation or a model, as it is written down.

    Attributes:
        class_name: without its package.
        module: where Keras found the class; empty if it does not say.
        registered: the name under which a class that is not Keras' own is registered.
        name: its own name.
        config: its settings.
        build: what it was built with, if it says so.
        calls: how it was called, once for each time; of the layers of a functional model.
    """

    class_name: str
    module: str
    registered: str
    name: str
    config: Mapping[str, Any]
    build: Mapping[str, Any] = field(default_factory=dict)
    calls: Sequence[Any] = ()

    @property
    def is_own(self) -> bool:
        """Whether it is a class of Keras', not of a user's."""
        home = self.module.partition(".")[0]
        return home in {"keras", "tf_keras", "tensorflow", ""} and ">" not in self.registered

    @property
    def is_operation(self) -> bool:
        """Whether it is a function of `keras.ops`."""
        return self.module.startswith(_OPERATIONS)

    @property
    def is_functional(self) -> bool:
        """Whether it is a model whose layers say what they read."""
        return {"layers", "input_layers", "output_layers"} <= self.config.keys()

    @property
    def is_sequential(self) -> bool:
        """Whether it is a model whose layers follow one another."""
        return self.class_name == "Sequential" and isinstance(self.config.get("layers"), list)

    @property
    def is_model(self) -> bool:
        """Whether it is made of layers that are known."""
        return self.is_functional or self.is_sequential

    @property
    def compute_dtype(self) -> str:
        """The dtype that it computes with."""
        policy = _policy(self.config.get("dtype"))
        return _MIXED.get(policy, policy)

    @property
    def variable_dtype(self) -> str:
        """The dtype of its variables."""
        policy = _policy(self.config.get("dtype"))
        return "float32" if policy in _MIXED else policy

    def number(self, name: str, otherwise: int = 0) -> int:
        """A setting that is a whole number."""
        found = self.config.get(name)
        return found if type(found) is int else otherwise

    def numbers(self, name: str, rank: int, otherwise: int = 1) -> list[int]:
        """A setting that is a whole number, or one for each axis."""
        found = self.config.get(name)
        if isinstance(found, list) and len(found) == rank and all(type(n) is int for n in found):
            return found
        return [found if type(found) is int else otherwise] * rank

    def flag(self, name: str, *, otherwise: bool = False) -> bool:
        """A setting that is true or false."""
        found = self.config.get(name)
        return found if isinstance(found, bool) else otherwise

    def text(self, name: str, otherwise: str = "") -> str:
        """A setting that is a text."""
        found = self.config.get(name)
        return found if isinstance(found, str) else otherwise

    def inner(self, name: str) -> "Part | None":
        """A setting that is an object, such as the layer inside a wrapper."""
        found = self.config.get(name)
        return part_of(found) if is_object(found) else None


def is_object(found: Any) -> bool:
    """Whether something is written as a class and its settings."""
    return isinstance(found, dict) and isinstance(found.get("class_name"), str)


def part_of(found: Any) -> Part:
    """Something that is written as a class and its settings.

    Raises:
        ConfigError: it is not.
    """
    if not is_object(found):
        raise ConfigError(f"{shown(str(found)[:200])!r} is no layer")
    config = found.get("config")
    if isinstance(config, list):  # Keras 1 wrote a sequential model so
        config = {"layers": config}
    if not isinstance(config, dict):
        config = {}
    name = found.get("name", config.get("name"))
    calls = found.get("inbound_nodes")
    build = found.get("build_config")
    registered = found.get("registered_name")
    module = found.get("module")
    return Part(
        class_name=found["class_name"],
        module=module if isinstance(module, str) else "" if "module" not in found else "?",
        registered=registered if isinstance(registered, str) else "",
        name=name if isinstance(name, str) else "",
        config=config,
        build=build if isinstance(build, dict) else {},
        calls=calls if isinstance(calls, list) else (),
    )


def parts_of(model: Part) -> Iterator[Part]:
    """The layers of a model, in the order in which they are written.

    Raises:
        ConfigError: what it is made of is no list of layers.
    """
    layers = model.config.get("layers")
    if not isinstance(layers, list):
        raise ConfigError(f"the model {shown(model.name)!r} has no layers")
    yield from map(part_of, layers)


def snake_case(name: str) -> str:
    """What Keras calls an instance of a class.

    >>> snake_case("MaxPooling2D")
    'max_pooling2d'
    """
    for pattern in _CAMEL:
        name = pattern.sub(r"\1_\2", name)
    return name.lower()


def _policy(found: Any) -> str:
    """The name of a dtype policy."""
    if is_object(found):
        found = found["config"].get("name") if isinstance(found.get("config"), dict) else None
    return found if isinstance(found, str) else "float32"
