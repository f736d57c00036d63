"""Nested settings made flat."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from modelhub.wrappers import Recording
from modelhub.wrappers.flat import MAX_DEPTH, MAX_LIST, MAX_SETTINGS, MAX_TEXT, put_flat


def flat(found):
    sink = Recording()
    put_flat(Path("file"), found, sink)
    return sink.hyperparameters


def test_names_are_joined_by_dots():
    """Tables without values say nothing."""
    assert flat({"a": {"b": {"c": 1}, "d": {}}, "e": [1, "x", None]}) == {
        "a.b.c": 1,
        "e": [1, "x", None],
    }


def test_values_are_plain():
    """What JSON lacks is text, and all is short."""
    found = flat(
        {
            "day": date(2024, 1, 2),
            "at": datetime(2024, 1, 2, 3, tzinfo=UTC),
            "time": time(3, 4),
            "large": 1 << 70,
            "bytes": b"ab",
            "text": "x" * 5000,
            "tables": [{"a": 1}],
            "many": list(range(5000)),
            3: "number",
            None: "none",
        }
    )
    assert found["day"] == "2024-01-02"
    assert found["at"] == "2024-01-02T03:00:00+00:00"
    assert found["time"] == "03:04:00"
    assert found["large"] == hex(1 << 70)
    assert found["bytes"] == "b'ab'"
    assert len(found["text"]) == MAX_TEXT
    assert found["tables"] == ["{'a': 1}"]
    assert len(found["many"]) == MAX_LIST
    assert (found["3"], found["None"]) == ("number", "none")


def limited(found):
    """The settings that are kept, and what the one line names."""
    sink = Recording()
    put_flat(Path("file"), found, sink)
    (note,) = sink.notes
    assert note.startswith("file has more than 10,000 settings, or nests them deeper than 32")
    return sink.hyperparameters, note.partition("not read as settings: ")[2]


def test_settings_are_limited_in_number():
    """The first are kept; tables without values count, too."""
    kept, named = limited({str(i): i for i in range(MAX_SETTINGS + 1)})
    assert len(kept) == MAX_SETTINGS - 1
    assert named == "'9999 and what follows'"
    assert limited({str(i): {} for i in range(MAX_SETTINGS + 1)})[0] == {}


def test_settings_are_limited_in_depth():
    """What lies deeper is left out, and what stands beside it is not."""
    nested: dict[str, object] = {}
    for _ in range(MAX_DEPTH + 1):
        nested = {"a": nested, "b": 1}
    kept, named = limited(nested)
    assert len(kept) == MAX_DEPTH
    assert named.endswith(".a....'")


def test_long_tables_are_passed_over():
    """What stands behind them is kept; of their names, the first are said."""
    long = dict.fromkeys(range(MAX_SETTINGS), 0)
    found = {"a": 1, **{f"t{i}": {"long": long} for i in range(9)}, "z": 2}
    assert limited(found) == ({"a": 1, "z": 2}, "'t0.long', 't1.long', 't2.long', ...")


def test_a_table_that_holds_itself():
    """It is not followed for ever."""
    table: dict[str, object] = {}
    table |= {"a": table, "b": table}
    assert limited(table)[0] == {}
    wide: dict[str, object] = {}
    wide |= dict.fromkeys(map(str, range(9000)), wide)
    assert limited({"a": wide})[0] == {}
