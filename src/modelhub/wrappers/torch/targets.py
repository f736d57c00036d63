"""Operators by name: the only place where a name in a network becomes something that runs.

A name is resolved only if it is on the list: ATen operators that compute tensors from tensors,
and arithmetic on sizes. So a network from a stranger can compute, and nothing else.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch

from modelhub.errors import InputError

ATEN, PYTHON = "aten::", "python::"
_PYTHON: Mapping[str, Callable[..., Any]] = {
    f"python::{home.__name__}.{name}": getattr(home, name)
    for home, names in (
        (
            operator,
            [
                "add",
                "sub",
                "mul",
                "floordiv",
                "truediv",
                "mod",
                "neg",
                "pos",
                "pow",
                "lt",
                "le",
                "gt",
                "ge",
                "eq",
                "ne",
                "and_",
                "or_",
                "not_",
            ],
        ),
        (math, ["ceil", "floor", "trunc", "sqrt"]),
        (
            torch,
            ["sym_max", "sym_min", "sym_not", "sym_ite", "sym_float", "sym_int", "sym_sum"],
        ),
    )
    for name in names
}
_NAMES = {function: name for name, function in _PYTHON.items()}
_NAME = re.compile(r"aten::([A-Za-z_][A-Za-z0-9_]*)\.([A-Za-z0-9_]+)")
# Operators that begin with an underscore trust their callers; these check what they are given.
_INTERNAL = {
    *("_to_copy", "_softmax", "_log_softmax", "_unsafe_view", "_reshape_alias", "_grouped_mm"),
    *(
        "_weight_norm_interface",
        "_weight_norm",
        "_scaled_dot_product_attention_math",
        "_shape_as_tensor",
    ),
}
_SPECIAL = {f"__{sign}__" for sign in ("and", "or", "xor", "lshift", "rshift")}
_SPECIAL |= {f"__i{sign}__" for sign in ("and", "or", "xor", "lshift", "rshift")}
# Texts that say how to compute; an operator with another text (a file's name) is not for us.
_WORDS = {"approximate", "rounding_mode", "padding", "equation", "mode", "indexing", "ord"}
_WORDS |= {"reduce", "pad_mode", "side", "norm", "interpolation", "driver", "UPLO"}
_TYPES = re.compile(
    r"(Tensor|int|SymInt|float|bool|number|Scalar|ScalarType|Layout|Device|MemoryFormat|str"
    r"|Optional|List|\[|\]|t\d*|\W)+"
)
_REFUSED = {
    "set_",
    "set_data",
    "resize_",
    "resize_as_",
    "from_file",
    "record_stream",
    "as_strided_",
}


def name_of(function: object) -> str | None:
    """The name of an operator, or None if it has none that a network may hold."""
    if isinstance(function, torch._ops.OpOverload):  # noqa: SLF001 - its public face has no name
        _, _, base = function._schema.name.partition("::")  # noqa: SLF001
        return f"{function.namespace}::{base}.{function._overloadname}"  # noqa: SLF001
    return _NAMES.get(function) if callable(function) else None


@cache
def function_of(name: str) -> Callable[..., Any]:
    """The operator of a name.

    Raises:
        InputError: it is not on the list.
    """
    if name in _PYTHON:
        return _PYTHON[name]
    found: Callable[..., Any] | None = _aten(name)
    if found is None:
        raise InputError(f"the operator {name!r} of the network is not one that can be run here")
    return found


def _aten(name: str) -> Any:
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    base, overload = match.groups()
    if base in _REFUSED or (base.startswith("_") and base not in _INTERNAL | _SPECIAL):
        return None
    try:
        found = getattr(getattr(torch.ops.aten, base), overload)
    except AttributeError:
        return None
    return found if isinstance(found, torch._ops.OpOverload) and _computes(found) else None  # noqa: SLF001


def _computes(found: Any) -> bool:
    """Whether an operator takes tensors and numbers, and gives tensors or numbers."""
    schema = found._schema  # noqa: SLF001
    if base_of(found).endswith(("_backward", "_backward_out")):
        return False
    arguments = [each for each in schema.arguments if not _is_generator(each)]
    texts = [each.name for each in arguments if "str" in str(each.type)]
    types = [str(each.type) for each in (*arguments, *schema.returns)]
    return set(texts) <= _WORDS and all(map(_TYPES.fullmatch, types)) and bool(schema.returns)


def _is_generator(argument: Any) -> bool:
    return "Generator" in str(argument.type) and argument.has_default_value()


def base_of(function: Any) -> str:
    """The name of an operator without its namespace and overload: `conv2d`."""
    if isinstance(function, torch._ops.OpOverload):  # noqa: SLF001
        return str(function._schema.name.partition("::")[2])  # noqa: SLF001
    return str(getattr(function, "__name__", function))


def gives_several(function: Any) -> bool:
    """Whether an operator gives a list or tuple of values."""
    if not isinstance(function, torch._ops.OpOverload):  # noqa: SLF001
        return False
    returns = function._schema.returns  # noqa: SLF001
    return len(returns) > 1 or (len(returns) == 1 and "List" in str(returns[0].type))


def argument_names(function: Any) -> list[str]:
    """The names of an ATen operator's arguments, in order."""
    return [each.name for each in function._schema.arguments]  # noqa: SLF001
