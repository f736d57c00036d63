"""Sizes that may move: torch's symbols and expressions in the network's own words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy
import torch

from modelhub.network import Symbol, SymbolicShape, Value
from modelhub.wrappers.torch.tensors import dtype_name

_NUMBERS: tuple[tuple[type, str], ...] = (
    *((bool, "bool"), (torch.SymBool, "bool"), (int, "int64"), (torch.SymInt, "int64")),
    *((float, "float64"), (torch.SymFloat, "float64")),
)
_FORMS: Mapping[str, Callable[[list[str]], str]] = {
    **dict.fromkeys(("FloorDiv", "CleanDiv"), lambda parts: "({}//({}))".format(*parts)),
    **dict.fromkeys(("Mod", "PythonMod"), lambda parts: "({}%({}))".format(*parts)),
    "Max": lambda parts: f"Max({', '.join(parts)})",
    "Min": lambda parts: f"Min({', '.join(parts)})",
    "Add": lambda parts: f"({' + '.join(parts)})",
    "Mul": "*".join,
}
_ASSUMED = 2  # torch takes sizes for at least this, because 0 and 1 broadcast


class Sizes:
    """Names for sizes, in the order in which they are met."""

    def __init__(self, ranges: Mapping[sympy.Symbol, Any]) -> None:
        self._ranges = ranges
        self._examples: dict[sympy.Basic, int] = {}
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
        if found.is_Integer:
            return str(found)
        if found.is_Symbol:
            return self._named(found, None)
        name = type(found).__name__
        if name == "Pow" and found.exp.is_Integer and found.exp > 0:
            return "*".join([self._text(found.base)] * int(found.exp))
        if name not in _FORMS:
            raise NotImplementedError(name)
        parts = {"Add": found.as_ordered_terms, "Mul": found.as_ordered_factors}
        return _FORMS[name]([self._text(each) for each in parts.get(name, lambda: found.args)()])

    def _named(self, found: sympy.Basic, hint: int | None) -> str:
        if found not in self._names:
            name = self._names[found] = f"s{len(self._names)}"
            bounds = self._ranges.get(found)
            low = None if bounds is None else _bound(bounds.lower)
            self.symbols[name] = Symbol(
                example=self._examples.get(found, 0) if hint is None else hint,
                min=1 if low is not None and low <= _ASSUMED else low,
                max=None if bounds is None else _bound(bounds.upper),
            )
        return self._names[found]

    def learn(self, extents: Iterable[Any]) -> None:
        """Note the sizes of the example inputs."""
        for each in extents:
            if isinstance(each, torch.SymInt) and each.node.expr.is_Symbol:
                self._examples[each.node.expr] = each.node.hint


def _bound(found: Any) -> int | None:
    return int(found) if getattr(found, "is_Integer", False) and found < 1 << 60 else None
