"""dlv query."""

import sys

import pytest

from modelhub.cli.application import run


def test_prints_rows(lenet) -> None:
    """Versions by their names; numbers as numbers."""
    done = lenet("query", "select m, m.accuracy where m.accuracy > 0.4")
    assert done.out.splitlines() == ["m        m.accuracy", "lenet@2         0.5"]


def test_other_forms(lenet, folder) -> None:
    """JSON, CSV, Markdown, ids, and a page."""
    text = 'select m, m.tags where m.tags = "v1"'
    found = lenet("query", text, "--json").json
    assert found["columns"] == ["m", "m.tags"]
    [[version, tag]] = found["rows"]
    assert (version["name"], version["number"], tag) == ("lenet", 1, "v1")
    assert lenet("query", text, "-q").out.strip() == version["id"]
    assert lenet("query", text, "--format", "csv").out == "m,m.tags\nlenet@1,v1\n"
    assert lenet("query", text, "--format", "md").out.startswith("| m | m.tags |")
    assert lenet("query", text, "--html", "page.html").status == 0
    assert "lenet@1" in (folder / "page.html").read_text()


def test_reads_a_file_or_stdin(lenet, folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long query need not be quoted for a shell."""
    (folder / "good.dql").write_text("-- all\nselect count(*)")
    assert lenet("query", "-f", "good.dql", "--format", "csv").out == "count(*)\n3\n"
    for arguments in (["-f", "-"], ["-"], []):
        with (folder / "good.dql").open() as stdin:
            monkeypatch.setattr(sys, "stdin", stdin)
            done = lenet("query", *arguments, "--format", "csv")
        assert (done.out, done.err) == ("count(*)\n3\n", "")


def test_values_are_handed_in(lenet) -> None:
    """Never as text of the query."""
    text = "select m.number where m.name = :name and m.number > :least"
    found = lenet("query", text, "--param", "name=lenet", "--param", "least=1", "--json").json
    assert found["rows"] == [[2]]


def test_prints_the_one_form(lenet) -> None:
    """Without running it."""
    assert lenet("query", "SELECT m WHERE nothing.x=1", "--format-only").out == (
        "select m\nwhere nothing.x = 1\n"
    )


def test_the_formatter_needs_no_repository(tmp_path, monkeypatch, capsys) -> None:
    """Texts are formatted wherever they lie."""
    monkeypatch.chdir(tmp_path)
    assert run(["query", "--format-only", "SELECT m"]) == 0
    assert capsys.readouterr().out == "select m\n"
    assert run(["query", "select m"]) == 3


def test_explains(lenet) -> None:
    """What the database was asked, and how many were left."""
    out = lenet("query", "select m where m.number = 2", "--explain").out
    assert "version.number = :number_1" in out
    assert "own conditions hold" in out


def test_an_empty_result_says_why(lenet) -> None:
    """Which condition removed the last."""
    out = lenet("query", "select m where m.accuracy > 0.9").out
    assert out.startswith("3 of the versions match what stands before, none of them m.accuracy")


def test_a_mistake_is_shown_in_its_place(lenet) -> None:
    """Line, column and caret on stderr; exit status 7."""
    done = lenet("query", "select m where m.acuracy > 0")
    assert done.status == 7
    assert done.err == (
        "dlv: 1:18: unknown attribute 'acuracy' of a model version\n"
        "  1 | select m where m.acuracy > 0\n"
        "    |                  ^^^^^^^\n"
        "hint: did you mean 'accuracy'?\n"
    )


def test_a_query_and_a_file_are_too_much(lenet, folder) -> None:
    """One of them; and a file is text."""
    (folder / "good.dql").write_bytes(b"\xff\xfe")
    assert lenet("query", "select m", "-f", "good.dql").status == 2
    assert "no UTF-8 text" in lenet("query", "-f", "good.dql").err


def test_what_is_no_slice_and_no_construction_cannot_be_recorded(lenet) -> None:
    """A select has rows alone; a construction without a network says so."""
    done = lenet("query", "select m", "--commit", "new")
    assert done.status != 0
    assert "--commit takes one slice or construction; the query gives 0" in done.err
    text = 'construct n from m where m.name = "lenet" mutate m["conv1"].delete'
    done = lenet("query", text, "--commit", "new")
    assert done.status == 7
    assert "leads to no node of lenet@1" in done.err
