"""The one form of a query."""

import pytest

from modelhub.dql import format_script, parse


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT  m", "select m\n"),
        ("select *;", "select *\n"),
        (
            "select m where a.x=1 AND (b.y<>2 or not c.z)",
            "select m\nwhere a.x = 1 and\n      (b.y != 2 or not c.z)\n",
        ),
        ("select (1+2)*3-(4-5)", "select (1 + 2) * 3 - (4 - 5)\n"),
        ("select 'say \"x\"'", "select 'say \"x\"'\n"),
        ("select m.next{2,2}, m.prev{1,}", "select m.next{2}, m.prev{1,}\n"),
        (
            "let a=select m; select m order by m.x desc nulls first limit 3 offset 1",
            "let a = select m;\nselect m\norder by m.x desc nulls first\nlimit 3 offset 1\n",
        ),
        (
            (
                "evaluate m with config={lr:0.1} vary config.a in range(1,2) using tpe(n=3)"
                " keep m.accuracy>=0.9 after 5 commit as 'best'"
            ),
            (
                'evaluate m\nwith config = {"lr": 0.1}\nvary config.a in range(1, 2)\n'
                'using tpe(n=3)\nkeep m.accuracy >= 0.9 after 5\ncommit as "best"\n'
            ),
        ),
    ],
)
def test_a_text_has_one_form(text: str, form: str) -> None:
    """Which is read as the same."""
    assert format_script(parse(text)) == form
    assert parse(form) == parse(text)
    assert format_script(parse(form)) == form
