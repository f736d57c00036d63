"""Rows, handed out."""

from modelhub.dql import query


def test_rows_are_mappings_and_versions(models) -> None:
    """By column."""
    found = query(models, "select m, m.accuracy as best where m.accuracy > 0 order by best")
    assert len(found) == 2
    assert [row["best"] for row in found] == [0.8, 0.9]
    assert [str(each) for each in found.versions] == ["alexnet_b@1", "alexnet_a@1"]


def test_a_notebook_shows_a_table_that_runs_nothing(models) -> None:
    """Whatever stands in a cell."""
    html = query(models, "select '<script>' as a, m where m.name = 'course'")._repr_html_()
    assert "&lt;script&gt;</td><td>course@1" in html
    assert "<script>" not in html
