"""The text of a query, cut into tokens that know their places."""

import re
from dataclasses import dataclass
from enum import Enum

from modelhub.dql.limits import MAX_DIGITS, MAX_LENGTH
from modelhub.errors import QueryError


class TokenKind(Enum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    PARAMETER = "parameter"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of a query.

    Attributes:
        kind: what it is.
        text: as it stands in the query; of a string, what it says; of a parameter, its name.
        start: where it begins.
        end: where what follows it begins.
    """

    kind: TokenKind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """A name in small letters; nothing if it is none."""
        return self.text.lower() if self.kind is TokenKind.NAME else ""

    @property
    def span(self) -> tuple[int, int]:
        """Its place."""
        return self.start, self.end


_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|--[^\n]*)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<name>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<parameter>:[A-Za-z_][A-Za-z_0-9]*)
    | (?P<symbol><=|>=|!=|<>|[-+*/=<>()\[\]{},.;:|])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\([\\\"'])")


def tokenize(source: str) -> list[Token]:
    r"""Cut a query into tokens, the last of which is its end.

    STRING  = '"' {char | "\" char} '"' | "'" {char | "\" char} "'" ;
    NUMBER  = digits ["." [digits]] [exponent] | "." digits [exponent] ;
    INT     = digits ;
    NAME    = (letter | "_") {letter | digit | "_"} ;
    PARAM   = ":" NAME ;
    comment = "--" to the end of the line ;

    Raises:
        QueryError: a character or string that is none of these; too long a query.

    >>> [token.text for token in tokenize("select m -- all")]
    ['select', 'm', '']
    """
    if len(source) > MAX_LENGTH:
        raise QueryError(
            f"a query has at most {MAX_LENGTH:,} characters; this one has {len(source):,}",
            source=source,
            span=(0, 1),
        )
    tokens = []
    place = 0
    while place < len(source):
        found = _TOKEN.match(source, place)
        if found is None:
            raise _no_token(source, place)
        if found.lastgroup != "blank":
            tokens.append(_token(found, source))
        place = found.end()
    end = len(source.rstrip())
    return [*tokens, Token(kind=TokenKind.END, text="", start=end, end=end + 1)]


def _token(found: re.Match[str], source: str) -> Token:
    kind = TokenKind(found.lastgroup)
    text = found[0]
    if kind is TokenKind.NUMBER and len(text) > MAX_DIGITS:
        raise QueryError("too long a number", source=source, span=found.span())
    if kind is TokenKind.STRING:
        text = _ESCAPED.sub(r"\1", text[1:-1])
    if kind is TokenKind.PARAMETER:
        text = text[1:]
    return Token(kind=kind, text=text, start=found.start(), end=found.end())


def quoted(text: str) -> str:
    r"""A text as a string of DQL, which says it again.

    A backslash before anything but a quote or a backslash stays as it is.

    >>> print(quoted('alexnet\\_%'), quoted('a "b"'))
    "alexnet\_%" 'a "b"'
    """
    quote = "'" if '"' in text and "'" not in text else '"'
    inner = re.sub(r"\\(?=[\\\"']|$)", r"\\\\", text).replace(quote, f"\\{quote}")
    return f"{quote}{inner}{quote}"


def _no_token(source: str, place: int) -> QueryError:
    char = source[place]
    if char in "\"'":
        end = source.find("\n", place)
        span = (place, len(source) if end < 0 else end)
        hint = f"add a closing {char}"
        return QueryError("a string that does not end", source=source, span=span, hint=hint)
    span = (place, place + 1)
    if char in "\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb":
        hint = 'use plain quotes: "'
        return QueryError("a typographic quote", source=source, span=span, hint=hint)
    return QueryError(f"unexpected character {char!r}", source=source, span=span)
