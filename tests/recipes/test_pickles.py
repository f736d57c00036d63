"""The machine reads pickles as data and calls nothing."""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelhub.recipes import pickles
from modelhub.recipes.pickles import Global, Inert, Machine, PickleError, Table, UnwelcomeError

TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 200), 1 << 200) | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.tuples(inner, inner, inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Attack:
    """Writes a file when a pickle of it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.path, "executed")


def refuse(function: Global, _: Any) -> Any:
    raise UnwelcomeError(str(function))


def accept(function: Global, arguments: Any) -> Any:
    return Inert(str(function), [arguments])


def machine(raw: bytes, reduce: pickles.Reduce = refuse) -> Machine:
    return Machine(raw, 0, len(raw), reduce, load=lambda id_: ("outside", id_))


def read(raw: bytes, reduce: pickles.Reduce = refuse) -> Any:
    return machine(raw, reduce).run()


def plain(value: Any) -> Any:
    if isinstance(value, Table):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    return value


@pytest.mark.property
@given(TREES, st.sampled_from(PROTOCOLS))
def test_plain_values_come_back(tree: Any, protocol: int) -> None:
    """Of each protocol: numbers, texts, lists, tuples and dictionaries are what was pickled."""
    raw = pickle.dumps(tree, protocol)

    assert repr(plain(read(raw))) == repr(tree)


@pytest.mark.property
@settings(max_examples=300)
@given(TREES, st.sampled_from(PROTOCOLS), st.data())
def test_damaged_pickles_are_refused(tree: Any, protocol: int, data: st.DataObject) -> None:
    """Whatever bytes are changed or cut off: a value, or one of the two errors."""
    raw = bytearray(pickle.dumps({"a": tree}, protocol))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))

    try:
        read(bytes(raw[:cut]), accept)
    except (PickleError, UnwelcomeError):
        return
    assert raw[:cut].count(b".")


def test_the_end_is_found() -> None:
    """The position is behind the last byte of the pickle, whatever follows."""
    raw = pickle.dumps([1, "two"], 2)
    running = machine(raw + b"rest.")

    assert running.run() == [1, "two"]
    assert running.position == len(raw)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_is_called(tmp_path: Path, protocol: int) -> None:
    """A pickle that writes a file when it is loaded writes none when it is read."""
    victim = tmp_path / "victim"
    raw = pickle.dumps(Attack(victim), protocol)

    with pytest.raises(UnwelcomeError, match=r"getattr|pathlib"):
        read(raw)
    assert not victim.exists()
    pickle.loads(raw)
    assert victim.exists()


def test_a_global_is_a_name() -> None:
    """A module that does not exist, or must not be imported, is read as text."""
    assert read(b"cno.such.module\nthing\n.") == Global("no.such.module", "thing")


def test_a_call_means_what_the_list_says() -> None:
    """The function and its arguments are handed over, and the meaning is the value."""
    raw = pickle.dumps(OrderedDict(a=1), 2)

    found = read(raw, lambda function, _: Table() if function.name == "OrderedDict" else None)

    assert isinstance(found, Table)
    assert list(found.items()) == [("a", 1)]


def test_references_to_the_outside_are_handed_over() -> None:
    """Persistent ids, of binary and of text pickles."""
    assert read(b"(K\x01K\x02tQ.") == ("outside", (1, 2))
    assert read(b"Pname\n.") == ("outside", "name")


def test_bytes_are_not_looked_at() -> None:
    """Bytes and byte arrays become descriptions; what stands behind them is read on."""
    found = read(pickle.dumps([b"secret", bytearray(b"more"), 7], 5))

    assert [type(each) for each in found] == [Inert, Inert, int]


def test_shared_values_are_shared() -> None:
    """What the memo gives twice is one object; a list may hold itself."""
    shared = ["x"]
    both = read(pickle.dumps([shared, shared]))
    ring: list[Any] = []
    ring.append(ring)
    found = read(pickle.dumps(ring))

    assert both[0] is both[1]
    assert found[0] is found


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "cut off"),
        (b"\x80", "cut off"),
        (b"X\xff\xff\xff\xffab.", "cut off"),
        (b"\x8e" + b"\xff" * 8 + b".", "cut off"),
        (b"\x8b\xff\xff\xff\x7f.", "too long"),
        (b"\x8b\xff\xff\xff\xff.", "too long"),
        (b"I12x\n.", "number"),
        (b"L" + b"9" * 5000 + b"L\n.", "number"),
        (b"Fone\n.", "number"),
        (b"V\\u12\n.", "text"),
        (b"cos", "line"),
        (b".", "empty"),
        (b"0.", "empty"),
        (b"(.", "empty"),
        (b"e.", "mark"),
        (b"]K\x01a", "cut off"),
        (b"K\x01K\x02a.", "no list"),
        (b"]K\x01K\x02s.", "no dictionary"),
        (b"}(K\x01u.", "no value"),
        (b"(K\x01d.", "no value"),
        (b"h\x00.", "not there"),
        (b"g-1\n.", "memo"),
        (b"p-1\n.", "memo"),
        (b"NN\x93.", "no name"),
        (b"\xfe.", "opcode 254"),
    ],
)
def test_broken_pickles_say_what_is_wrong(raw: bytes, message: str) -> None:
    """Each rule that a pickle can break has its message."""
    with pytest.raises(PickleError, match=message):
        read(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"(ios\nsystem\n.", "opcode 105"),
        (b"(cos\nsystem\no.", "opcode 111"),
        (b"\x82\x01.", "opcode 130"),
        (b"\x97.", "opcode 151"),
        (b"cos\nsystem\n(X\x02\x00\x00\x00lstR.", "os.system"),
        (b"cos\nsystem\n)\x81.", "os.system"),
        (b"cos\nsystem\n)}\x92.", "os.system"),
        (b"\x8c\x02os\x8c\x06system\x93)R.", "os.system"),
        (b"K\x01)R.", "a call of int"),
        (b"K\x01}b.", "a state of int"),
    ],
)
def test_what_is_not_on_the_list_is_unwelcome(raw: bytes, message: str) -> None:
    """Each way of asking for an object."""
    with pytest.raises(UnwelcomeError, match=message):
        read(raw)


def test_steps_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle of more steps than anyone writes is not run to its end."""
    monkeypatch.setattr(pickles, "MAX_OPCODES", 100)

    with pytest.raises(UnwelcomeError, match="more than 100 steps"):
        read(b"N0" * 200 + b"N.")


def test_deep_nesting_needs_no_recursion() -> None:
    """A hundred thousand lists, one in the other, are read and forgotten."""
    depth = 100_000

    found = read(b"]" * depth + b"a" * (depth - 1) + b".")

    assert len(found) == 1


def test_an_object_is_not_given_states_without_end() -> None:
    """An inert object keeps a few states; a pickle that gives it many is refused."""
    raw = b"cx\ny\n)R" + b"}b" * 50 + b"."

    with pytest.raises(UnwelcomeError, match="again and again"):
        read(raw, accept)
