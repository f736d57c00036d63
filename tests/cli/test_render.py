import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from modelhub.cli.render import as_json_lines, plain, render, rows_options
from modelhub.pages import Column, Kind, Table, visible


class Role(Enum):
    WEIGHTS = "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    name: str
    size: int


def rows() -> list[Row]:
    return [Row(name="a\u202e", size=2048), Row(name="b", size=1)]


@click.command()
@click.argument("folder", required=False)
@rows_options
def command(folder: str | None) -> None:
    del folder
    render(
        rows(),
        page=lambda found: Table(
            columns=[Column("name"), Column("size", Kind.SIZE)],
            rows=[(row.name, row.size) for row in found],
        ),
        ids=lambda found: [row.name for row in found],
    )


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        ([], "name        size\na\\u202e  2.0 KiB\nb            1 B\n"),
        (["-q"], "a\\u202e\nb\n"),
        (["--json"], '[{"name": "a\\u202e", "size": 2048},\n {"name": "b", "size": 1}]\n'),
        (["--format", "csv"], "name,size\na\\u202e,2048\nb,1\n"),
        (
            ["--format", "md"],
            "| name | size |\n| --- | ---: |\n| a\\\\u202e | 2.0 KiB |\n| b | 1 B |\n\n",
        ),
        (
            ["--format", "table", "--no-truncate"],
            "name        size\na\\u202e  2.0 KiB\nb            1 B\n",
        ),
    ],
)
def test_each_form_of_an_answer(arguments: list[str], output: str) -> None:
    """One value, five forms."""
    assert CliRunner().invoke(command, arguments).output == output


@pytest.mark.parametrize(
    "arguments", [["-q", "--json"], ["--json", "--format", "csv"], ["-q", "--html", "x.html"]]
)
def test_one_form_at_a_time(arguments: list[str]) -> None:
    """Two forms at once are wrong usage."""
    result = CliRunner().invoke(command, arguments)

    assert result.exit_code == 2
    assert "choose one of --json, --quiet, --format and --html" in result.output


def test_a_page_for_a_browser(tmp_path: Path) -> None:
    """--html writes a document, whole, and prints its place."""
    place = tmp_path / "rows.html"
    result = CliRunner().invoke(command, ["--html", str(place)])

    assert result.output == f"{place}\n"
    assert place.read_text().startswith("<!doctype html>")
    assert "2.0 KiB" in place.read_text()
    assert list(tmp_path.iterdir()) == [place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    time: datetime
    raw: bytes
    path: Path
    role: Role
    numbers: tuple[float, ...]
    names: frozenset[str]
    mapping: dict[int, None]
    is_true: bool


def test_the_schema_of_json() -> None:
    """Every kind of value in the documented form."""
    value = Everything(
        time=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        raw=b"\x00\xff",
        path=Path("a/b"),
        role=Role.WEIGHTS,
        numbers=(1.5, math.nan, math.inf, -math.inf, -0.0),
        names=frozenset({"b", "a"}),
        mapping={3: None},
        is_true=True,
    )

    assert plain(value) == {
        "time": "2026-01-02T03:04:05.000006+00:00",
        "raw": "00ff",
        "path": "a/b",
        "role": "weights",
        "numbers": [1.5, "NaN", "Infinity", "-Infinity", -0.0],
        "names": ["a", "b"],
        "mapping": {"3": None},
        "is_true": True,
    }


def test_a_value_without_json_is_a_mistake() -> None:
    """Nothing is turned into text by accident."""
    with pytest.raises(TypeError, match="object has no JSON"):
        plain(object())


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters() | st.sampled_from("\x7f\x9b\u202e\u2028\ud800\U000e0041")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_json_is_read_back_as_it_was(value: object) -> None:
    """The lines are one JSON text of the value, and safe to show."""
    lines = list(as_json_lines(value))

    assert json.loads("\n".join(lines)) == value
    assert all(visible(each) == each for line in lines for each in line.split("\n"))


@given(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))
def test_json_escapes_every_hidden_character(character: str) -> None:
    """What `visible` would escape, JSON escapes, for all of Unicode."""
    (line,) = as_json_lines(character)

    assert line.isprintable()
    assert json.loads(line) == character


def test_an_empty_list_is_json_too() -> None:
    """Nothing found is an empty array."""
    assert list(as_json_lines([])) == ["[]"]
