"""Tables as comma-separated values."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Column, Table
from modelhub.pages.separated import as_csv


def test_a_table_as_csv(table: Table) -> None:
    """Values are as they are: no separators, no units, no rounding."""
    rows = list(csv.reader(as_csv(table)))

    assert rows[1] == ["lenet", "ab" * 32, "431080", "1725624", "0.123456789"]
    assert rows[2] == ["a|b\\n<x>", "cd" * 32, "7", "12", ""]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_csv_has_a_line_for_each_row(rows: list[list[str]]) -> None:
    """Whatever is in the values, a reader finds the rows again."""
    lines = list(as_csv(Table(columns=[Column("a"), Column("b")], rows=rows)))

    assert len(lines) == len(rows) + 1
    assert [len(row) for row in csv.reader(io.StringIO("\n".join(lines)))] == [2] * len(lines)
