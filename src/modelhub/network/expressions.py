"""Extents that are expressions in symbols, `2*s0 + 1`: checked, and computed (network.md §2)."""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from modelhub.errors import InputError

MAX_LENGTH = 1000
MAX_VALUE = 1 << 62
_OPERATORS: Mapping[type, Callable[[Any, Any], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[..., int]] = {"Min": min, "Max": max}


def check_extent(found: object) -> int | str:
    """An extent as it is stored.

    Raises:
        ValueError: it is neither a whole number ≥ 0 nor an expression.
    """
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= MAX_VALUE:
        return found
    if not isinstance(found, str):
        raise ValueError(f"{found!r} is no extent")  # noqa: TRY004 - a document is wrong, not a type
    _parsed(found)
    return found


def symbols_of(extent: int | str) -> set[str]:
    """The symbols that an extent is made of.

    >>> sorted(symbols_of("2*s0 + s1"))
    ['s0', 's1']
    """
    if isinstance(extent, int):
        return set()
    names = {node.id for node in ast.walk(_parsed(extent)) if isinstance(node, ast.Name)}
    return names - set(_FUNCTIONS)


def evaluate_extent(extent: int | str, symbols: Mapping[str, int]) -> int:
    """The value of an extent.

    Raises:
        InputError: a symbol has no value, or the value is no extent.

    >>> evaluate_extent("(s0 + 1)//2", {"s0": 7})
    4
    """
    if isinstance(extent, int):
        return extent
    try:
        value = _value(_parsed(extent), symbols)
    except KeyError as missing:
        raise InputError(f"the size {missing} of the input is not given") from None
    except ZeroDivisionError:
        raise InputError(f"the size {extent} divides by zero for this input") from None
    if not 0 <= value <= MAX_VALUE:
        raise InputError(f"the size {extent} would be {value} for this input")
    return value


@lru_cache(maxsize=4096)  # a network says the same few thousands of times
def _parsed(text: str) -> ast.expr:
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an extent of {len(text)} characters is longer than {MAX_LENGTH}")
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError(f"{text!r} is no expression") from None
    _check(tree, text)
    return tree


def _check(tree: ast.expr, text: str) -> None:
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATORS:
        _check(tree.left, text)
        _check(tree.right, text)
    elif isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        _check(tree.operand, text)
    elif isinstance(tree, ast.Call):
        if not isinstance(tree.func, ast.Name) or tree.func.id not in _FUNCTIONS or tree.keywords:
            raise ValueError(f"{text!r} calls what is neither Min nor Max")
        for each in tree.args:
            _check(each, text)
    elif not isinstance(tree, ast.Name) and not (
        isinstance(tree, ast.Constant) and type(tree.value) is int
    ):
        raise ValueError(f"{text!r} is more than whole numbers, symbols and + - * // %")


def _value(tree: ast.expr, symbols: Mapping[str, int]) -> int:
    if isinstance(tree, ast.BinOp):
        left, right = _value(tree.left, symbols), _value(tree.right, symbols)
        return _OPERATORS[type(tree.op)](left, right)
    if isinstance(tree, ast.UnaryOp):
        return -_value(tree.operand, symbols)
    if isinstance(tree, ast.Call):
        assert isinstance(tree.func, ast.Name)
        return _FUNCTIONS[tree.func.id](*(_value(each, symbols) for each in tree.args))
    if isinstance(tree, ast.Name):
        return symbols[tree.id]
    assert isinstance(tree, ast.Constant)
    assert isinstance(tree.value, int)
    return tree.value
