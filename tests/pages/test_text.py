import csv
import io
from datetime import UTC, datetime
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Column, Fields, Kind, Section, Table
from modelhub.pages.characters import cells
from modelhub.pages.markdown import as_markdown
from modelhub.pages.separated import as_csv
from modelhub.pages.text import Look, as_text, fitted
from modelhub.pages.wording import human_count, human_size, spoken

TABLE = Table(
    columns=[
        Column("model"),
        Column("id", Kind.ID),
        Column("parameters", Kind.COUNT),
        Column("size", Kind.SIZE),
        Column("loss", Kind.NUMBER),
    ],
    rows=[
        ("lenet", "ab" * 32, 431_080, 1_725_624, 0.123456789),
        ("a|b\n<x>", "cd" * 32, 7, 12, None),
    ],
)


def test_a_table_as_text() -> None:
    """Numbers stand right, ids are short, and nothing ends in blanks."""
    assert list(as_text(TABLE, Look())) == [
        "model     id            parameters     size      loss",
        "lenet     abababababab     431,080  1.6 MiB  0.123457",
        "a|b\\n<x>  cdcdcdcdcdcd           7     12 B",
    ]


def test_a_table_as_markdown() -> None:
    """Ids are whole, and what Markdown would take for its own is escaped."""
    assert list(as_markdown(TABLE)) == [
        "| model | id | parameters | size | loss |",
        "| --- | --- | ---: | ---: | ---: |",
        f"| lenet | {'ab' * 32} | 431,080 | 1.6 MiB | 0.123457 |",
        f"| a\\|b\\\\n&lt;x> | {'cd' * 32} | 7 | 12 B |  |",
        "",
    ]


def test_a_table_as_csv() -> None:
    """Values are as they are: no separators, no units, no rounding."""
    rows = list(csv.reader(as_csv(TABLE)))

    assert rows[1] == ["lenet", "ab" * 32, "431080", "1725624", "0.123456789"]
    assert rows[2] == ["a|b\\n<x>", "cd" * 32, "7", "12", ""]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_csv_has_a_line_for_each_row(rows: list[list[str]]) -> None:
    """Whatever is in the values, a reader finds the rows again."""
    lines = list(as_csv(Table(columns=[Column("a"), Column("b")], rows=rows)))

    assert len(lines) == len(rows) + 1
    assert [len(row) for row in csv.reader(io.StringIO("\n".join(lines)))] == [2] * len(lines)


def test_a_page_of_sections() -> None:
    """Sections are indented, and parted by empty lines."""
    page = [
        Section(
            title="Facts",
            blocks=[Fields(values={"name": "x", "n": 2, "size": 2048}, kinds={"size": Kind.SIZE})],
        ),
        Section(title="Rows", blocks=[Table(columns=[Column("a")], rows=[], empty="none yet")]),
        "end",
    ]

    assert list(as_text(page, Look(is_styled=True))) == [
        "\x1b[1mFacts\x1b[0m",
        "  name  x",
        "  n     2",
        "  size  2.0 KiB",
        "",
        "\x1b[1mRows\x1b[0m",
        "  none yet",
        "end",
    ]
    assert list(as_markdown(page))[:2] == ["## Facts", ""]
    assert list(as_csv(page)) == ["what,value", "name,x", "n,2", "size,2048", "", "a"]


@given(
    st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 120),
)
def test_columns_give_way_fairly(columns: list[tuple[int, bool]], width: int) -> None:
    """They fit if they can; stiff ones keep their width; of two flexible ones the wider gives."""
    needed, flexible = [n for n, _ in columns], [f for _, f in columns]
    widths = fitted(needed, flexible, width)

    total = sum(widths) + 2 * (len(widths) - 1)
    least = sum(min(n, 8) if f else n for n, f in columns) + 2 * (len(widths) - 1)
    assert total == min(max(width, least), sum(needed) + 2 * (len(widths) - 1))
    for now, (before, is_flexible) in zip(widths, columns, strict=True):
        assert now == before or (is_flexible and 8 <= now < before)
    given_way = [w for w, n in zip(widths, needed, strict=True) if w < n]
    kept = [w for w, n, f in zip(widths, needed, flexible, strict=True) if w == n and f]
    assert max(given_way, default=0) - min(given_way, default=0) <= 1
    assert not given_way or max(kept, default=0) <= max(given_way) + 1


def test_a_wide_table_fits_a_narrow_terminal() -> None:
    """Long texts are shortened; numbers never are."""
    table = Table(columns=[Column("path"), Column("n", Kind.COUNT)], rows=[("x" * 99, 123_456_789)])

    lines = list(as_text(table, Look(width=30)))

    assert lines[1] == "x" * 16 + "…  123,456,789"
    assert max(map(cells, lines)) == 30


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1_048_575, "1.0 MiB"),
        (3 << 40, "3.0 TiB"),
        (1 << 70, "1024.0 EiB"),
    ],
)
def test_sizes_as_people_say_them(size: int, text: str) -> None:
    """One digit after the point, and never 1024 of a unit that has a next one."""
    assert human_size(size) == text


def test_counts_have_separators() -> None:
    """431080 parameters are easier to read so."""
    assert human_count(431_080) == "431,080"


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        ([1, None, "a\n"], "1, , a\\n"),
        (float("nan"), "nan"),
        (1e-9, "1e-09"),
        (Colour.RED, "red"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    ],
)
def test_values_as_people_read_them(value: object, text: str) -> None:
    """Each kind of value has one way to be shown."""
    assert spoken(value) == text
