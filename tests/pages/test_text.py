"""Pages as text."""

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages.blocks import Column, Estimate, Fields, Kind, Section, Table
from modelhub.pages.characters import cells
from modelhub.pages.markdown import as_markdown
from modelhub.pages.separated import as_csv
from modelhub.pages.text import Look, as_text, fitted


def test_a_table_as_text(table: Table) -> None:
    """Numbers stand right, ids are short, and nothing ends in blanks."""
    assert list(as_text(table, Look())) == [
        "model     id            parameters     size      loss",
        "lenet     abababababab     431,080  1.6 MiB  0.123457",
        "a|b\\n<x>  cdcdcdcdcdcd           7     12 B",
    ]


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


BARS = Table(
    columns=[Column("tensor"), Column("change", Kind.NUMBER, has_bar=True), Column("x")],
    rows=[("w", 2.0, "a"), ("b", Estimate(0.5), "b"), ("c", None, "c")],
)


def test_bars_stand_beside_their_numbers() -> None:
    """Their lengths are in proportion; an estimate keeps its mark; what follows stays in line."""
    assert list(as_text(BARS, Look())) == [
        "tensor  change             x",
        "w            2 ██████████  a",
        "b         ~0.5 ██▌         b",
        "c                          c",
    ]


def test_a_column_without_numbers_has_no_bars() -> None:
    """There is nothing to compare."""
    columns = [Column("change", Kind.NUMBER, has_bar=True), Column("x")]

    assert list(as_text(Table(columns=columns, rows=[(None, "a")]), Look()))[1] == "        a"


def test_a_narrow_terminal_has_no_bars() -> None:
    """The numbers are what matters."""
    assert list(as_text(BARS, Look(width=20)))[1] == "w            2  a"
