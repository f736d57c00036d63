"""Refusing a part of a query."""

import pytest

from modelhub.dql.refusal import Refusing
from modelhub.dql.syntax import Path
from modelhub.errors import QueryError


def test_the_part_is_shown_in_its_place() -> None:
    """With the problem and the way out."""
    with pytest.raises(QueryError) as caught:
        Refusing("select m").fail("no", Path(root="m", span=(7, 8)), "say yes")
    assert str(caught.value) == "1:8: no\n  1 | select m\n    |        ^\nsay yes"
