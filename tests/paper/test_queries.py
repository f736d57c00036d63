"""The four queries of the paper (Sec. III-B), as they stand; also with the blanks of its PDF."""

import pytest

from modelhub.dlv.repository import Repository
from modelhub.dql import format_script, parse, query
from modelhub.errors import QueryError

QUERIES = [
    'select m1\nwhere m1.name like "alexnet_%" and\n      m1.creation_time > "2015-11-22" and\n'
    '      m1["conv[1,3,5]"].next has POOL("MAX")\n',
    'slice m2\nfrom m1\nwhere m1.name like "alexnet-origin%"\n'
    'mutate m2.input = m1["conv1"] and\n       m2.output = m1["fc7"]\n',
    'construct m2\nfrom m1\nwhere m1.name like "alexnet-avgv1%" and\n'
    '      m1["conv*($1)"].next has POOL("AVG")\nmutate m1["conv*($1)"].insert = RELU("relu$1")\n',
    'evaluate m\nfrom "query3"\nwith config = "path to config"\n'
    "vary config.base_lr in [0.1, 0.01, 0.001] and\n"
    '     config.net["conv*"].lr auto and\n     config.input_data in ["path1", "path2"]\n'
    'keep top(5, m["loss"], 100)\n',
]


@pytest.mark.parametrize("text", QUERIES)
def test_a_query_is_read_and_is_in_its_one_form(text: str) -> None:
    """Formatting a query of the paper gives that query."""
    assert format_script(parse(text)) == text
    assert parse(" ".join(text.split())) == parse(text)


@pytest.mark.parametrize("text", QUERIES[1:])
def test_what_cannot_be_run_yet_says_so(tmp_path, text: str) -> None:
    """No result is made up."""
    with Repository.init(tmp_path) as models, pytest.raises(QueryError, match="cannot be run yet"):
        query(models, text)
