"""A place in the tokens of a query, and what to say when they are not as they should be."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from modelhub.dql.limits import MAX_DEPTH
from modelhub.dql.syntax import Span
from modelhub.dql.tokens import Token, TokenKind, tokenize
from modelhub.dql.words import RESERVED
from modelhub.errors import QueryError

T = TypeVar("T")
_OPENING, _CLOSING = "([{", ")]}"


class Cursor:
    """Reads tokens one by one, and remembers which brackets are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._tokens = tokenize(source)
        self._place = 0
        self._open: list[Token] = []
        self._depth = 0

    @property
    def here(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._place]

    def ahead(self, count: int = 1) -> Token:
        """A token behind the next one; the end if there are not so many."""
        return self._tokens[min(self._place + count, len(self._tokens) - 1)]

    def advance(self) -> Token:
        """The next token, taken."""
        token = self.here
        if token.kind is TokenKind.SYMBOL:
            if token.text in _OPENING:
                self._open.append(token)
            elif token.text in _CLOSING and self._open:
                self._open.pop()
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def since(self, start: int) -> Span:
        """The place from `start` to the last token taken."""
        return start, self._tokens[max(0, self._place - 1)].end

    def is_word(self, *words: str) -> bool:
        """Whether one of these words comes next, in capitals or not."""
        return self.here.word in words and bool(self.here.word)

    def is_symbol(self, *symbols: str) -> bool:
        """Whether one of these symbols comes next."""
        return self.here.kind is TokenKind.SYMBOL and self.here.text in symbols

    def take(self, *texts: str) -> Token | None:
        """The next token if it is one of these words or symbols."""
        return self.advance() if self.is_word(*texts) or self.is_symbol(*texts) else None

    def need(self, text: str, why: str = "") -> Token:
        """The next token, which must be this word or symbol.

        Raises:
            QueryError: it is another.
        """
        if not (self.is_word(text) or self.is_symbol(text)):
            self.fail(f"{text!r}{' ' if why else ''}{why}", [text])
        return self.advance()

    def need_name(self, what: str) -> Token:
        """The next token, which must be a name, and no reserved word.

        Raises:
            QueryError: it is none.
        """
        if self.here.kind is not TokenKind.NAME or self.here.word in RESERVED:
            self.fail(what)
        return self.advance()

    def need_string(self, what: str) -> Token:
        """The next token, which must be a string.

        Raises:
            QueryError: it is none.
        """
        if self.here.kind is not TokenKind.STRING:
            self.fail(what)
        return self.advance()

    def need_int(self, what: str) -> int:
        """The next token, which must be a whole number without a sign.

        Raises:
            QueryError: it is none.
        """
        if self.here.kind is not TokenKind.NUMBER or not self.here.text.isdigit():
            self.fail(f"{what}, a whole number")
        return int(self.advance().text)

    def several(self, read: Callable[[], T], separator: str = ",") -> list[T]:
        """One or more of what `read` reads, with separators between."""
        found = [read()]
        while self.take(separator):
            found.append(read())
        return found

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further down.

        Raises:
            QueryError: the query is nested too deeply.
        """
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.error(f"a query is nested at most {MAX_DEPTH} levels deep", self.here.span)
        yield
        self._depth -= 1

    def fail(self, expected: str, candidates: Sequence[str] = ()) -> NoReturn:
        """Refuse the next token.

        Args:
            expected: what should stand there.
            candidates: words of which one may have been meant.

        Raises:
            QueryError: always.
        """
        token = self.here
        got = "the end" if token.kind is TokenKind.END else f"{_short(self._said(token))!r}"
        hint = ""
        if token.kind is TokenKind.NAME:
            hint = did_you_mean(token.text, candidates)
        if not hint and self._open:
            hint = self._unclosed()
        self.error(f"expected {expected}, got {got}", token.span, hint)

    def error(self, problem: str, span: Span, hint: str = "") -> NoReturn:
        """Refuse what stands at a place.

        Raises:
            QueryError: always.
        """
        raise QueryError(problem, source=self.source, span=span, hint=hint)

    def _said(self, token: Token) -> str:
        return self.source[token.start : token.end]

    def _unclosed(self) -> str:
        token = self._open[-1]
        line = self.source.count("\n", 0, token.start) + 1
        column = token.start - self.source.rfind("\n", 0, token.start)
        return f"the {token.text!r} at {line}:{column} is not closed"


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """A hint which of the candidates may be meant, or nothing.

    >>> did_you_mean("accurcy", ["accuracy", "loss"])
    "did you mean 'accuracy'?"
    """
    by_small = {each.lower(): each for each in candidates}
    found = difflib.get_close_matches(word.lower(), by_small, 1, 0.6)
    return f"did you mean {by_small[found[0]]!r}?" if found else ""


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:27]}…"  # noqa: PLR2004 - as much as a line holds
