"""The curves beside versions in a list."""

import pytest


@pytest.fixture
def logged(dlv, folder):
    """A version with a log, and one without."""
    assert dlv("init").status == 0
    for name, lines in (("run", "step,loss,lr\n0,4,1\n1,2,1\n2,1,1\n"), ("bare", None)):
        (folder / name).mkdir()
        (folder / name / "note.txt").write_text(name)
        if lines:
            (folder / name / "metrics.csv").write_text(lines)
        assert dlv("commit", name, name).status == 0
    return dlv


def test_curves_are_drawn_when_asked_for(logged) -> None:
    """A column with the name of the metric; without the option, nothing is read."""
    plain, drawn = logged("list").out, logged("list", "--curves").out

    assert "█▃▁" in drawn
    assert " loss " in drawn.splitlines()[0]
    assert "█" not in plain


def test_the_metric_that_is_sorted_by_is_drawn(logged) -> None:
    """Where it was logged."""
    assert "█" not in logged("list", "--curves", "--sort", "lr").out
    assert " lr " in logged("list", "--curves", "--sort", "lr").out.splitlines()[0]


def test_pages_have_them(logged, folder) -> None:
    """Of `list` and of `log`."""
    assert logged("list", "--html", "list.html").status == 0
    assert logged("log", "run", "--html", "log.html").status == 0

    assert 'class="spark"' in (folder / "list.html").read_text()
    assert 'class="chart"' in (folder / "log.html").read_text()
