"""Extents of values as ONNX says them, as numbers and symbols of a network."""

import re
from collections.abc import Iterable

from modelhub.network import Extent, Symbol, Value, symbols_of
from modelhub.recipes import element_type
from modelhub.wrappers.drafts import NetworkDraft
from modelhub.wrappers.onnx.messages import Dim, ValueInfo

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NOT_A_WORD = re.compile(r"\W+", re.ASCII)
_UNUSABLE = {"None", "True", "False", "Min", "Max"}
MAX_EXTENT = 1 << 62


class Sizes:
    """Gives each size that is not fixed a symbol, and enters it into a draft."""

    def __init__(self, draft: NetworkDraft) -> None:
        self._draft = draft
        self._symbols: dict[str, str] = {}
        self._fresh = 0

    def declare(self, infos: Iterable[ValueInfo]) -> None:
        """Take the plain names of sizes of a graph's inputs, so that expressions may use them."""
        for info in infos:
            for dim in info.dims or ():
                if isinstance(dim, str) and _WORD.fullmatch(dim):
                    self._symbol(dim)

    def value(self, info: ValueInfo) -> Value | None:
        """What a graph says of a value; None if it does not say its rank."""
        if info.dims is None:
            return None
        return Value(
            dtype=element_type(info.code), shape=tuple(self.extent(dim) for dim in info.dims)
        )

    def extent(self, dim: Dim) -> Extent:
        """An extent: a number, a known expression, or a symbol."""
        if isinstance(dim, int):
            return dim if 0 <= dim <= MAX_EXTENT else self.fresh()
        if dim is None:
            return self.fresh()
        if not _WORD.fullmatch(dim) and self._is_expression(dim):
            return dim
        return self._symbol(dim)

    def fresh(self) -> str:
        """The symbol of a size of which nothing is known."""
        self._fresh += 1
        return self._symbol(f"unknown_{self._fresh}")

    def _is_expression(self, dim: str) -> bool:
        try:
            return symbols_of(dim) <= set(self._symbols.values())
        except (ValueError, RecursionError, MemoryError):
            return False

    def _symbol(self, dim: str) -> str:
        if dim not in self._symbols:
            word = _NOT_A_WORD.sub("_", dim)
            if not _WORD.fullmatch(word) or word in _UNUSABLE:
                word = f"s_{word}"
            taken = set(self._symbols.values())
            while word in taken:
                word += "_"
            self._symbols[dim] = word
            self._draft.symbol(word, Symbol(example=1, min=1))
        return self._symbols[dim]
