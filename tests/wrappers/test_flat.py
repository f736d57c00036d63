"""Nested settings made flat."""

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from modelhub.errors import DamagedFileError
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


def test_settings_are_limited():
    """In number and in depth; tables without values count, too."""
    with pytest.raises(DamagedFileError, match="more than"):
        flat({str(i): i for i in range(MAX_SETTINGS + 1)})
    with pytest.raises(DamagedFileError, match="more than"):
        flat({str(i): {} for i in range(MAX_SETTINGS + 1)})
    nested: dict[str, object] = {}
    for _ in range(MAX_DEPTH + 1):
        nested = {"a": nested}
    with pytest.raises(DamagedFileError, match="nested deeper"):
        flat(nested)


def test_a_table_that_holds_itself():
    """It is not followed for ever."""
    table: dict[str, object] = {}
    table |= {"a": table, "b": table}
    with pytest.raises(DamagedFileError):
        flat(table)
