"""Pickles read as data: a machine that builds plain values and descriptions, and calls nothing.

Of everything that a pickle can ask for, only what is on the list of `torch_storages` has a
meaning, and that meaning is a description. No name in a pickle is ever imported, called or
looked up.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelhub.recipes.mapped import Buffer

MAX_OPCODES = 5_000_000  # of a state dict, about 40 describe a tensor
MAX_LINE = 1 << 16
MAX_TEXT = 1 << 20  # bytes of a text that are looked at
MAX_STATES = 4  # arguments, and what `__setstate__` is given
MAX_INTEGER = 1024  # bytes of a number


class PickleError(ValueError):
    """These bytes are no pickle, or one that is cut off."""


class UnwelcomeError(ValueError):
    """The pickle asks for something that is not on the list; `str` is its name."""


@dataclass(frozen=True, slots=True)
class Global:
    """The name of a function or class; a name and nothing else."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Table:
    """A dictionary, as pairs in order: keys may be anything and are not hashed."""

    pairs: list[Any] = field(default_factory=list)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """Keys and values; what a pickle gave for a pair and is none has the key None."""
        for pair in self.pairs:
            is_pair = isinstance(pair, tuple | list) and len(pair) == 2  # noqa: PLR2004 - a pair
            yield (pair[0], pair[1]) if is_pair else (None, pair)


@dataclass(slots=True, eq=False)
class Inert:
    """An object of a harmless class that we do not look into; `state` is what it was given."""

    name: str
    state: list[Any] = field(default_factory=list)


Reduce = Callable[[Global, Any], Any]
Load = Callable[[Any], Any]
_MARK = object()


class Machine:
    """Runs one pickle over a buffer.

    Cost: linear in the bytes of the pickle; values are shared, never copied.
    """

    def __init__(self, buffer: Buffer, begin: int, end: int, reduce: Reduce, load: Load) -> None:
        """Read `buffer[begin:end]`.

        Args:
            buffer: what is read.
            begin: where the pickle begins.
            end: what it must not reach beyond.
            reduce: what calling a global with these arguments means.
            load: what a persistent id, a reference to something outside, means.
        """
        self.buffer = buffer
        self.position = begin
        self.end = end
        self.reduce = reduce
        self.load = load
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def run(self) -> Any:
        """The value of the pickle; `position` is behind its last byte then.

        Raises:
            PickleError: it is none, or is cut off.
            UnwelcomeError: it asks for something that is not on the list.
        """
        for _ in range(MAX_OPCODES):
            opcode = self.buffer[self.skip(1)]
            if opcode == _STOP:
                return self.pop()
            step = _STEPS.get(opcode)
            if opcode in _REFUSED:
                raise UnwelcomeError(f"the pickle opcode {opcode}")
            if step is None:
                raise PickleError(f"there is no opcode {opcode}")
            step(self)
        raise UnwelcomeError(f"more than {MAX_OPCODES:,} steps")

    def skip(self, size: int) -> int:
        """Go on behind the next bytes; where they begin."""
        begin = self.position
        if size > self.end - begin:
            raise PickleError("it is cut off")
        self.position = begin + size
        return begin

    def take(self, size: int) -> bytes:
        """The next bytes, which are few."""
        begin = self.skip(size)
        return self.buffer[begin : self.position]

    def number(self, form: str) -> int:
        """The next number, of a form of `struct`."""
        found: int = struct.unpack(form, self.take(struct.calcsize(form)))[0]
        return found

    def line(self) -> str:
        """The rest of the line."""
        return self.raw_line().decode("utf-8", "replace")

    def raw_line(self) -> bytes:
        """The bytes of the rest of the line."""
        stop = min(self.end, self.position + MAX_LINE)
        found = self.buffer.find(b"\n", self.position, stop)
        if found < 0:
            raise PickleError("a line does not end")
        return self.take(found + 1 - self.position)[:-1]

    def text(self, form: str) -> str:
        """The first `MAX_TEXT` bytes of a text behind its length; of Python 2, maybe no text."""
        size = self.number(form)
        begin = self.skip(size)
        return self.buffer[begin : begin + min(size, MAX_TEXT)].decode("utf-8", "replace")

    def data(self, form: str) -> Inert:
        """Bytes behind their length, which are not looked at."""
        self.skip(self.number(form))
        return Inert("bytes")

    def pop(self) -> Any:
        """The value on top of the stack, taken off."""
        if not self.stack or self.stack[-1] is _MARK:
            raise PickleError("the stack is empty")
        return self.stack.pop()

    def top(self) -> Any:
        """The value on top of the stack."""
        if not self.stack:
            raise PickleError("the stack is empty")
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """The values above the last mark, taken off with it."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                found = self.stack[place + 1 :]
                del self.stack[place:]
                return found
        raise PickleError("there is no mark")

    def remember(self, key: int) -> None:
        """Put the top into the memo."""
        self.memo[key] = self.top()

    def recall(self, key: int) -> None:
        """Push a value of the memo."""
        if key not in self.memo:
            raise PickleError("it refers to what is not there")
        self.stack.append(self.memo[key])

    def add_items(self, items: list[Any]) -> None:
        """Extend the list on top."""
        target = self.top()
        if isinstance(target, list):
            target.extend(items)
        elif not isinstance(target, Inert):
            raise PickleError("it adds to what is no list")

    def set_items(self, items: list[Any]) -> None:
        """Extend the dictionary on top: keys and values in turn."""
        target = self.top()
        if len(items) % 2:
            raise PickleError("a key has no value")
        if isinstance(target, Table):
            target.pairs.extend(zip(items[::2], items[1::2], strict=True))
        elif not isinstance(target, Inert):
            raise PickleError("it sets in what is no dictionary")

    def call(self) -> None:
        """Let a global mean what the list says."""
        arguments, function = self.pop(), self.pop()
        if isinstance(function, Global):
            self.stack.append(self.reduce(function, arguments))
        else:
            raise UnwelcomeError(f"a call of {type(function).__name__}")

    def build(self) -> None:
        """Give an object its state."""
        state, target = self.pop(), self.top()
        if isinstance(target, Inert):
            target.state.append(state)
            if len(target.state) > MAX_STATES:
                raise UnwelcomeError("an object that is given its state again and again")
        elif isinstance(target, Table):
            pass  # attributes of an ordered dictionary: torch's `_metadata`
        elif not isinstance(target, list):
            raise UnwelcomeError(f"a state of {type(target).__name__}")

    def push_global(self, module: Any, name: Any) -> None:
        """Push a name."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise PickleError("a global has no name")
        self.stack.append(Global(module, name))


def _push(value: Callable[[Machine], Any]) -> Callable[[Machine], None]:
    def step(machine: Machine) -> None:
        machine.stack.append(value(machine))

    return step


def _integer(machine: Machine, form: str) -> int:
    size = machine.number(form)
    if not 0 <= size <= MAX_INTEGER:
        raise PickleError("a number is too long")
    return int.from_bytes(machine.take(size), "little", signed=True)


def _decimal(machine: Machine) -> int | bool:
    line = machine.line().rstrip("L")
    if line in ("00", "01"):
        return line == "01"
    if not _DECIMAL.fullmatch(line):
        raise PickleError("a number is not valid")
    return int(line)


def _real(machine: Machine) -> float:
    try:
        return float(machine.line())
    except ValueError:
        raise PickleError("a number is not valid") from None


def _taken(count: int) -> Callable[[Machine], Any]:
    def value(machine: Machine) -> Any:
        found = [machine.pop() for _ in range(count)]
        return tuple(reversed(found))

    return value


def _table(machine: Machine) -> Table:
    items = machine.since_mark()
    if len(items) % 2:
        raise PickleError("a key has no value")
    return Table(list(zip(items[::2], items[1::2], strict=True)))


def _pair(machine: Machine) -> list[Any]:
    value, key = machine.pop(), machine.pop()
    return [key, value]


def _new(machine: Machine) -> None:
    machine.call()


def _new_with_names(machine: Machine) -> None:
    machine.pop()
    machine.call()


def _stack_global(machine: Machine) -> None:
    name, module = machine.pop(), machine.pop()
    machine.push_global(module, name)


def _forget(machine: Machine) -> None:
    if not machine.stack:
        raise PickleError("the stack is empty")
    machine.stack.pop()


def _escaped(machine: Machine) -> str:
    """A text of protocol 0."""
    try:
        return machine.raw_line().decode("raw_unicode_escape")
    except UnicodeDecodeError:
        raise PickleError("a text is not valid") from None


def _index(machine: Machine) -> int:
    number = _decimal(machine)
    if number < 0:
        raise PickleError("a memo number is impossible")
    return number


_DECIMAL = re.compile(r"-?[0-9]{1,1024}")
_STOP = ord(".")
# Instances of classes, quoted strings of Python 2, extension codes, external buffers.
_REFUSED = frozenset((*b"ioS", 0x82, 0x83, 0x84, 0x97, 0x98))
# All the others of protocols 0 to 5.
_STEPS: Mapping[int, Callable[[Machine], Any]] = {
    0x80: lambda m: m.take(1),  # PROTO
    0x95: lambda m: m.take(8),  # FRAME: frames are only a hint for reading
    ord("("): _push(lambda _: _MARK),
    ord("0"): _forget,
    ord("1"): lambda m: m.since_mark(),
    ord("2"): _push(lambda m: m.top()),
    ord("N"): _push(lambda _: None),
    0x88: _push(lambda _: True),
    0x89: _push(lambda _: False),
    ord("I"): _push(_decimal),
    ord("L"): _push(_decimal),
    ord("J"): _push(lambda m: m.number("<i")),
    ord("K"): _push(lambda m: m.number("<B")),
    ord("M"): _push(lambda m: m.number("<H")),
    0x8A: _push(lambda m: _integer(m, "<B")),
    0x8B: _push(lambda m: _integer(m, "<i")),
    ord("F"): _push(_real),
    ord("G"): _push(lambda m: m.number(">d")),
    ord("V"): _push(_escaped),
    ord("X"): _push(lambda m: m.text("<I")),
    0x8C: _push(lambda m: m.text("<B")),
    0x8D: _push(lambda m: m.text("<Q")),
    ord("U"): _push(lambda m: m.text("<B")),
    ord("T"): _push(lambda m: m.text("<I")),
    ord("C"): _push(lambda m: m.data("<B")),
    ord("B"): _push(lambda m: m.data("<I")),
    0x8E: _push(lambda m: m.data("<Q")),
    0x96: _push(lambda m: m.data("<Q")),
    ord("]"): _push(lambda _: []),
    ord("}"): _push(lambda _: Table()),
    ord(")"): _push(lambda _: ()),
    0x8F: _push(lambda _: []),
    ord("l"): _push(lambda m: m.since_mark()),
    ord("d"): _push(_table),
    ord("t"): _push(lambda m: tuple(m.since_mark())),
    0x85: _push(_taken(1)),
    0x86: _push(_taken(2)),
    0x87: _push(_taken(3)),
    0x91: _push(lambda m: m.since_mark()),
    ord("a"): lambda m: m.add_items([m.pop()]),
    ord("e"): lambda m: m.add_items(m.since_mark()),
    0x90: lambda m: m.add_items(m.since_mark()),
    ord("s"): lambda m: m.set_items(_pair(m)),
    ord("u"): lambda m: m.set_items(m.since_mark()),
    ord("c"): lambda m: m.push_global(m.line(), m.line()),
    0x93: _stack_global,
    ord("R"): _new,
    0x81: _new,
    0x92: _new_with_names,
    ord("b"): lambda m: m.build(),
    ord("Q"): _push(lambda m: m.load(m.pop())),
    ord("P"): _push(lambda m: m.load(m.line())),
    ord("p"): lambda m: m.remember(_index(m)),
    ord("q"): lambda m: m.remember(m.number("<B")),
    ord("r"): lambda m: m.remember(m.number("<I")),
    0x94: lambda m: m.remember(len(m.memo)),
    ord("g"): lambda m: m.recall(_index(m)),
    ord("h"): lambda m: m.recall(m.number("<B")),
    ord("j"): lambda m: m.recall(m.number("<I")),
}
