"""Modules in memory become networks: given as they are, or built by a function that is named."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from math import prod
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any

from modelhub.dtypes import is_opaque, numpy_dtype
from modelhub.errors import InputError
from modelhub.values import Shape
from modelhub.wrappers import MODULES, Captured, ModuleWrapper, framework_of

MAX_EXAMPLE = 1 << 28  # elements


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleInput:
    """An input that a module is followed on, by dtype and shape; its elements are zeros.

    `name` is the argument of the module, or None for the next one in order.
    """

    dtype: str
    shape: Shape
    name: str | None = None


def parse_example(text: str) -> ExampleInput:
    """Read `[name=]extents[:dtype]`.

    Raises:
        InputError: says the form.

    >>> parse_example("ids=1,16:int64")
    ExampleInput(dtype='int64', shape=(1, 16), name='ids')
    """
    name, sign, rest = text.rpartition("=")
    extents, _, dtype = rest.partition(":")
    try:
        shape = tuple(int(each) for each in extents.split(",")) if extents.strip() else ()
        numpy_dtype(dtype or "float32")
    except (ValueError, InputError):
        shape = (-1,)
    named = name.isidentifier() if sign else True
    if not named or any(extent < 0 for extent in shape) or is_opaque(dtype):
        raise InputError(
            f"{text!r} is no example input; write its extents and dtype, as in 1,1,28,28 or "
            "1,16:int64 or mask=1,16:bool"
        )
    if prod(shape) > MAX_EXAMPLE:
        raise InputError(f"the example input {text!r} has more than {MAX_EXAMPLE} elements")
    return ExampleInput(dtype=dtype or "float32", shape=shape, name=name or None)


def module_wrapper(module: object) -> ModuleWrapper | None:
    """What captures a module, by its framework; None if it is no module.

    Raises:
        MissingExtraError: its framework is known, and what captures it is not installed.
    """
    framework = framework_of(module, MODULES)
    is_module = any(callable(getattr(module, each, None)) for each in ("forward", "call"))
    return MODULES.get(framework) if framework is not None and is_module else None


def capture_module(module: object, example_inputs: object = None) -> Captured:
    """The network of a module in memory.

    Args:
        module: of a framework that is known.
        example_inputs: a tensor, a sequence of them, or a mapping by argument; None for the
            module tree without edges.

    Raises:
        InputError: it is no module, or the inputs do not fit it.
    """
    wrapper = module_wrapper(module)
    if wrapper is None:
        raise InputError(
            f"a {type(module).__qualname__} is no module of {' or '.join(MODULES)}; "
            "give a module, a state dict or paths"
        )
    if example_inputs is None:
        return wrapper.capture(module)
    if isinstance(example_inputs, Mapping):
        return wrapper.capture(module, (), example_inputs)
    if isinstance(example_inputs, tuple | list):
        return wrapper.capture(module, tuple(example_inputs))
    return wrapper.capture(module, (example_inputs,))


def capture_built(builder: str, examples: Sequence[ExampleInput], folder: Path) -> Captured:
    """The network of the module that a function builds.

    The function's module is imported, with `folder` on the path: this runs code of the user's.

    Args:
        builder: `package.module:function`; it is called without arguments.
        examples: what the module is followed on; without any the network is partial.
        folder: where modules are looked for first.

    Raises:
        InputError: there is no such function, it raises, it builds no module, or the examples
            do not fit; says where.
    """
    with _first_on_path(folder):
        module = _built(builder)
        wrapper = module_wrapper(module)
        if wrapper is None:
            raise InputError(
                f"{builder} gives something of type {type(module).__qualname__}, "
                f"which is no module of {' or '.join(MODULES)}"
            )
        args = [wrapper.example(e.dtype, e.shape) for e in examples if e.name is None]
        kwargs = {e.name: wrapper.example(e.dtype, e.shape) for e in examples if e.name is not None}
        return wrapper.capture(module, args, kwargs)


@contextmanager
def _first_on_path(folder: Path) -> Any:
    entry = str(folder)
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        if entry in sys.path:
            sys.path.remove(entry)


def _built(builder: str) -> object:
    name, sign, attribute = builder.partition(":")
    if not sign or not all(part.isidentifier() for part in [*name.split("."), attribute]):
        raise InputError(f"{builder!r} is no builder; write package.module:function")
    try:
        found = import_module(name)
    except (Exception, SystemExit) as error:
        raise InputError(_said(f"{name} cannot be imported", error, name)) from error
    build = getattr(found, attribute, None)
    if not callable(build):
        raise InputError(f"{name} has no function called {attribute!r}")
    try:
        return build()
    except (Exception, SystemExit) as error:
        raise InputError(_said(f"{builder} failed", error, name)) from error


def _said(what: str, error: BaseException, name: str) -> str:
    """Type, message and the place in the user's own file, in one line."""
    lines = str(error).splitlines()
    reason = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return f"{what}: {reason}{_place(error.__traceback__, name)}"


def _place(traceback: TracebackType | None, name: str) -> str:
    own = getattr(sys.modules.get(name), "__file__", None) or f"{name.replace('.', '/')}.py"
    frames = extract_tb(traceback)
    mine = [each for each in frames if each.filename == own or each.filename.endswith(f"/{own}")]
    return f" ({mine[-1].filename}:{mine[-1].lineno})" if mine else ""
