"""Sizes that may move: torch's symbols and expressions in the network's own words."""

from collections.abc import Iterable, Mapping
from typing import Any

import sympy
import torch

from modelhub.network import Symbol, SymbolicShape, Value
from modelhub.wrappers.torch.tensors import dtype_name

_NUMBERS = ((bool, "bool"), (torch.SymBool, "bool"), (int, "int64"), (torch.SymInt, "int64"))
_NUMBERS += ((float, "float64"), (torch.SymFloat, "float64"))
_DIVISIONS = {"FloorDiv": "//", "CleanDiv": "//", "Mod": "%", "PythonMod": "%"}
_ASSUMED = 2  # torch takes sizes for at least this, because 0 and 1 broadcast


class Sizes:
    """Names for sizes, in the order in which they are met."""

    def __init__(self, ranges: Mapping[sympy.Symbol, Any]) -> None:
        self._ranges = ranges
        self._names: dict[sympy.Basic, str] = {}
        self.symbols: dict[str, Symbol] = {}

    def values(self, found: Any) -> list[Value]:
        """What an operator gives: a tensor, a number, or several of them."""
        if isinstance(found, list | tuple):
            return [value for each in found for value in self.values(each)]
        if isinstance(found, torch.Tensor):
            return [Value(dtype=dtype_name("a value", found), shape=self.shape(found.shape))]
        for kind, dtype in _NUMBERS:
            if isinstance(found, kind):
                return [Value(dtype=dtype, shape=())]
        return []

    def shape(self, extents: Iterable[Any]) -> SymbolicShape:
        """Extents, as numbers or expressions."""
        return tuple(
            each if isinstance(each, int) else self._extent(each.node.expr, each)
            for each in extents
        )

    def _extent(self, expression: Any, size: Any) -> int | str:
        if expression.is_Integer:
            return int(expression)
        try:
            return self._text(expression)
        except NotImplementedError:  # a size that the format has no words for gets a name
            return self._named(expression, size.node.hint or 0)

    def _text(self, found: Any) -> str:
        name = type(found).__name__
        if found.is_Integer:
            return str(found)
        if found.is_Symbol:
            return self._named(found, None)
        if name in _DIVISIONS:
            left, right = (self._text(each) for each in found.args)
            return f"(({left}){_DIVISIONS[name]}({right}))"
        if name in {"Max", "Min"}:
            return f"{name}({', '.join(self._text(each) for each in found.args)})"
        if found.is_Add:
            return "(" + " + ".join(self._text(each) for each in found.as_ordered_terms()) + ")"
        if found.is_Mul:
            return "*".join(self._text(each) for each in found.as_ordered_factors())
        if found.is_Pow and found.exp.is_Integer and found.exp > 0:
            return "*".join([self._text(found.base)] * int(found.exp))
        raise NotImplementedError(name)

    def _named(self, found: sympy.Basic, hint: int | None) -> str:
        if found not in self._names:
            name = self._names[found] = f"s{len(self._names)}"
            bounds = self._ranges.get(found)
            low = None if bounds is None else _bound(bounds.lower)
            self.symbols[name] = Symbol(
                example=hint if hint is not None else self.example(found),
                min=1 if low is not None and low <= _ASSUMED else low,
                max=None if bounds is None else _bound(bounds.upper),
            )
        return self._names[found]

    def example(self, found: sympy.Basic) -> int:
        """The size at capture."""
        return self._examples.get(found, 0)

    _examples: Mapping[sympy.Basic, int] = {}

    def learn(self, extents: Iterable[Any]) -> None:
        """Note the sizes of the example inputs."""
        found = {
            each.node.expr: each.node.hint
            for each in extents
            if isinstance(each, torch.SymInt) and each.node.expr.is_Symbol
        }
        self._examples = {**self._examples, **found}


def _bound(found: Any) -> int | None:
    return int(found) if getattr(found, "is_Integer", False) and found < 1 << 60 else None
