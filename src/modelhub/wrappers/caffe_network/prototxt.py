"""The text form of protocol buffers, as Caffe writes it, without a schema.

    message = { field [ "," | ";" ] } ;
    field   = NAME ( ":" value | [ ":" ] "{" message "}" | [ ":" ] "<" message ">" ) ;
    value   = STRING { STRING } | NUMBER | WORD | "[" [ value { "," value } ] "]" ;

Source: https://protobuf.dev/reference/protobuf/textformat-spec
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from modelhub.network import Attribute

MAX_DEPTH = 50
MAX_FIELDS = 300_000
MAX_NUMBER = 40  # characters
_TOKEN = re.compile(
    r"""(?P<blank>[\s]+|\#[^\n]*)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<mark>[{}<>\[\]:,;])
    |(?P<word>[-+\w.]+)""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_WHOLE = re.compile(r"[-+]?(?:0x[0-9a-fA-F]+|\d+)", re.ASCII)
_CLOSING = {"{": "}", "<": ">"}


class TextError(ValueError):
    """A text is no message; says the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The fields of a message by name, each with its values in their order."""

    fields: Mapping[str, Sequence["Found"]]

    def messages(self, name: str) -> list["Message"]:
        """The messages of a field."""
        return [each for each in self.fields.get(name, ()) if isinstance(each, Message)]

    def values(self, name: str) -> list[Attribute]:
        """The scalars of a field."""
        return [each for each in self.fields.get(name, ()) if not isinstance(each, Message)]

    def first(self, name: str) -> "Message":
        """The first message of a field; an empty one if there is none."""
        return next(iter(self.messages(name)), EMPTY)

    def value(self, name: str, otherwise: Attribute = None) -> Attribute:
        """The last scalar of a field, for that is what counts."""
        found = self.values(name)
        return found[-1] if found else otherwise

    def text(self, name: str) -> str:
        """The last scalar of a field as a text; empty if there is none."""
        found = self.value(name)
        return "" if found is None else str(found)

    def numbers(self, name: str) -> list[int]:
        """The whole numbers of a field."""
        return [each for each in self.values(name) if type(each) is int]

    def number(self, name: str, otherwise: int) -> int:
        """The last whole number of a field."""
        found = self.numbers(name)
        return found[-1] if found else otherwise


Found: TypeAlias = "Attribute | Message"
EMPTY = Message(fields={})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_prototxt(text: str) -> Message:
    """The message in a text.

    Cost: linear in the length of the text.

    Raises:
        TextError: it is none, or is beyond the limits of this module.
    """
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._scan()
        self._next: _Token | None = None
        self._count = 0
        self._advance()

    def _scan(self) -> Iterator[_Token]:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                raise self._error(f"{self._text[at]!r} has no meaning", at)
            if found.lastgroup != "blank":
                yield _Token(kind=str(found.lastgroup), text=found[0], at=at)
            at = found.end()

    def _advance(self) -> None:
        self._next = next(self._tokens, None)

    def _error(self, problem: str, at: int | None = None) -> TextError:
        where = len(self._text) if at is None else at
        return TextError(f"{problem}, in line {self._text.count(chr(10), 0, where) + 1}")

    def whole(self) -> Message:
        found = self._message("", 0)
        assert self._next is None
        return found

    def _message(self, closing: str, depth: int) -> Message:
        if depth > MAX_DEPTH:
            raise self._error(f"messages are nested deeper than {MAX_DEPTH}", self._place())
        fields: dict[str, list[Found]] = {}
        while self._next is not None and self._next.text != closing:
            if self._next.kind != "word":
                raise self._error(f"{self._next.text[:40]!r} is no field", self._next.at)
            name = self._next.text
            self._advance()
            fields.setdefault(name, []).extend(self._field(name, depth))
            if self._is(",", ";"):
                self._advance()
        if closing:
            self._take(closing)
        return Message(fields=fields)

    def _place(self) -> int | None:
        return None if self._next is None else self._next.at

    def _is(self, *marks: str) -> bool:
        return self._next is not None and self._next.kind == "mark" and self._next.text in marks

    def _take(self, mark: str) -> None:
        if not self._is(mark):
            raise self._error(f"{mark!r} is missing", self._place())
        self._advance()

    def _field(self, name: str, depth: int) -> list[Found]:
        is_told = self._is(":")
        if is_told:
            self._advance()
        if self._is("[") and is_told:
            return self._list(depth)
        if not is_told and not self._is("{", "<"):
            raise self._error(f"the field {name[:40]!r} has no value", self._place())
        return [self._value(depth)]

    def _list(self, depth: int) -> list[Found]:
        self._advance()
        found: list[Found] = []
        while not self._is("]"):
            if found:
                self._take(",")
            found.append(self._value(depth))
        self._advance()
        return found

    def _value(self, depth: int) -> Found:
        self._count += 1
        token = self._next
        if token is None or self._count > MAX_FIELDS:
            raise self._error("the text ends, or is endless", self._place())
        if self._is("{", "<"):
            self._advance()
            return self._message(_CLOSING[token.text], depth + 1)
        if token.kind == "text":
            return self._texts()
        if token.kind != "word":
            raise self._error(f"{token.text!r} is no value", token.at)
        self._advance()
        return _scalar(token.text)

    def _texts(self) -> str:
        """Texts that follow one another are one."""
        parts = []
        while self._next is not None and self._next.kind == "text":
            parts.append(_unescaped(self._next.text[1:-1]))
            self._advance()
        return "".join(parts)


def _unescaped(raw: str) -> str:
    def plain(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "01234567":
            return chr(int(escape, 8) & 0xFF)
        if escape[0] == "x" and len(escape) > 1:
            return chr(int(escape[1:], 16))
        return _ESCAPES.get(escape, escape)

    return _ESCAPE.sub(plain, raw)


def _scalar(word: str) -> Attribute:
    if len(word) > MAX_NUMBER:
        return word
    if _WHOLE.fullmatch(word):
        return int(word, 16 if "x" in word else 10)
    if word in {"true", "false"}:
        return word == "true"
    try:
        number = float(word.removesuffix("f")) if word[-1:].isdigit() or word[-1:] in ".f" else None
    except ValueError:
        return word
    return word if number is None or abs(number) == float("inf") else number
