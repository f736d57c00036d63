"""Pages as Markdown."""

from modelhub.pages.blocks import Table
from modelhub.pages.markdown import as_markdown


def test_a_table_as_markdown(table: Table) -> None:
    """Ids are whole, and what Markdown would take for its own is escaped."""
    assert list(as_markdown(table)) == [
        "| model | id | parameters | size | loss |",
        "| --- | --- | ---: | ---: | ---: |",
        f"| lenet | {'ab' * 32} | 431,080 | 1.6 MiB | 0.123457 |",
        f"| a\\|b\\\\n&lt;x> | {'cd' * 32} | 7 | 12 B |  |",
        "",
    ]
