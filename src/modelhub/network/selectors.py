"""Selectors: patterns of node names, and the nodes of a layer graph that they pick (paper, III-B).

`*` is any run without dots, `**` any run, `?` one character but a dot, `[1,3,5-7]` one of some
words; `($1)` takes what the wildcard or bracket before it matched, or alone one or more
characters but dots. Everything else stands for itself; blanks are left out.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhub.errors import InputError
from modelhub.network.graph import Attribute, Node
from modelhub.network.layers import LayerGraph
from modelhub.network.templates import ALIASES, all_templates, standard_attributes

MAX_SELECTOR = 512  # characters
MAX_WORDS = 1000  # that a bracket may stand for
_PIECE = re.compile(r"(\*\*|\*|\?)|\[([^\[\]]*)\]|\(\$(\w+)\)|([^*?\[\]])")
_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
Bindings = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a selector: a wildcard, or words of which one stands there; and its variable."""

    wildcard: str = ""
    words: Sequence[str] = ()
    variable: str = ""

    def ends(self, name: str, start: int) -> list[int]:
        """Where it may end that begins at `start`, the longest first."""
        if not self.wildcard:
            found = {start + len(w) for w in self.words if name.startswith(w, start)}
            return sorted(found, reverse=True)
        stop = len(name)
        if self.wildcard != "**":
            dot = name.find(".", start)
            stop = stop if dot < 0 else dot
        if self.wildcard == "?":
            return [start + 1] if start < stop else []
        return list(range(stop, start - (self.wildcard != "+"), -1))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSelector:
    """A selector, read."""

    text: str
    pieces: Sequence[Piece]

    @property
    def words(self) -> list[str] | None:
        """All names that it can match; None if there is no end of them."""
        found = [""]
        for piece in self.pieces:
            if piece.wildcard or len(found) * len(piece.words) > MAX_WORDS:
                return None
            found = [start + word for start in found for word in piece.words]
        return found

    def match(self, name: str) -> Bindings | None:
        """What its variables are bound to if it matches the whole name; else None.

        Cost: O(pieces · characters²) at most, whatever the pattern.
        """
        reach = [False] * len(name) + [True]
        table = [reach]
        for piece in reversed(self.pieces):
            after = table[-1]
            table.append([any(after[e] for e in piece.ends(name, s)) for s in range(len(after))])
        table.reverse()
        if not table[0][0]:
            return None
        place = 0
        bound: dict[str, str] = {}
        for piece, after in zip(self.pieces, table[1:], strict=True):
            end = next(e for e in piece.ends(name, place) if after[e])
            text = name[place:end]
            if piece.variable and bound.setdefault(piece.variable, text) != text:
                return None
            place = end
        return bound


def parse_selector(text: str) -> NodeSelector:
    """Read a selector.

    Raises:
        InputError: it is empty or too long, or a bracket has no partner.

    >>> parse_selector("conv*($1)").match("conv3")
    {'1': '3'}
    """
    pattern = "".join(text.split())
    if not pattern or len(pattern) > MAX_SELECTOR:
        raise InputError(f"a selector has 1 to {MAX_SELECTOR} characters")
    pieces: list[Piece] = []
    place = 0
    while place < len(pattern):
        found = _PIECE.match(pattern, place)
        if found is None:
            raise InputError(
                f"a bracket without a partner in the selector {text!r}; write [1,3] for words"
            )
        _append(pieces, found)
        place = found.end()
    return NodeSelector(text=pattern, pieces=pieces)


def _append(pieces: list[Piece], found: re.Match[str]) -> None:
    wildcard, words, variable, char = found.groups()
    last = pieces[-1] if pieces else None
    if wildcard:
        pieces.append(Piece(wildcard=wildcard))
    elif words is not None:
        pieces.append(Piece(words=_words(words)))
    elif variable:
        if last is not None and not last.variable and (last.wildcard or len(last.words) > 1):
            pieces[-1] = Piece(wildcard=last.wildcard, words=last.words, variable=variable)
        else:
            pieces.append(Piece(wildcard="+", variable=variable))
    elif last is not None and len(last.words) == 1 and not last.variable:
        pieces[-1] = Piece(words=[last.words[0] + char])
    else:
        pieces.append(Piece(words=[char]))


def _words(text: str) -> list[str]:
    found: list[str] = []
    for word in text.split(","):
        span = _RANGE.fullmatch(word)
        if span is None:
            found.append(word)
        elif 0 <= int(span[2]) - int(span[1]) < MAX_WORDS:
            found += map(str, range(int(span[1]), int(span[2]) + 1))
        else:
            raise InputError(f"[{word}] is no range of at most {MAX_WORDS} numbers")
    return found


def select_nodes(
    selector: NodeSelector, graph: LayerGraph, aliases: Mapping[str, str]
) -> list[tuple[str, Bindings]]:
    """The nodes that a selector picks, in execution order, each with what is bound.

    If it matches no name, it is tried on aliases.
    """
    for name_of in (lambda name: name, lambda name: aliases[name]):
        found = [(each.name, selector.match(name_of(each.name))) for each in graph.layers]
        picked = [(name, bound) for name, bound in found if bound is not None]
        if picked:
            return picked
    return []


def canonical_template(name: str) -> tuple[str, str | None] | None:
    """A template by any of its names, in capitals or not, and the kind that the name implies.

    >>> canonical_template("lstm")
    ('RNN', 'LSTM')
    """
    upper = name.upper()
    known = all_templates()
    if upper in known:
        return upper, None
    found = ALIASES.get(upper)
    if found is None:
        return None
    return found, upper if upper in known[found].kinds else None


def fits_template(
    node: Node, name: str, *, kind: str | None = None, attributes: Mapping[str, object]
) -> bool:
    """Whether a layer is of a template, and of a kind, and has attributes of these values.

    A number stands for any list of that number alone: `kernel=3` for a kernel of three by three.
    """
    found = canonical_template(name)
    if found is None or node.template != found[0]:
        return False
    wanted = kind or found[1]
    if wanted is not None and (node.kind or "").upper() != wanted.upper():
        return False
    having = {**node.attributes, **standard_attributes(node)}
    return all(key in having and _equals(having[key], v) for key, v in attributes.items())


def _equals(found: Attribute, wanted: object) -> bool:
    if isinstance(found, list | tuple):
        if isinstance(wanted, list | tuple):
            return list(found) == list(wanted)
        return bool(found) and all(each == wanted for each in found)
    return found == wanted
