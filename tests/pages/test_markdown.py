"""Pages as Markdown."""

from modelhub.pages.blocks import Column, Kind, Table
from modelhub.pages.markdown import as_markdown

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


def test_a_table_as_markdown() -> None:
    """Ids are whole, and what Markdown would take for its own is escaped."""
    assert list(as_markdown(TABLE)) == [
        "| model | id | parameters | size | loss |",
        "| --- | --- | ---: | ---: | ---: |",
        f"| lenet | {'ab' * 32} | 431,080 | 1.6 MiB | 0.123457 |",
        f"| a\\|b\\\\n&lt;x> | {'cd' * 32} | 7 | 12 B |  |",
        "",
    ]
