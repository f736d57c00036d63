"""Walking through queries."""

from modelhub.dql.parser import parse
from modelhub.dql.syntax import Literal, Path
from modelhub.dql.trees import mapped, walk, walk_outer

[QUERY] = parse("select m where m.x in (select n where n.y = 1) and m.z = 2")


def test_walking_meets_every_part() -> None:
    """Those of queries inside it only if they are wanted."""
    everywhere = {part.root for part in walk(QUERY) if isinstance(part, Path)}
    outside = {part.root for part in walk_outer(QUERY) if isinstance(part, Path)}
    assert (everywhere, outside) == ({"m", "n"}, {"m"})


def test_parts_are_replaced() -> None:
    """And the rest is as it was, with its places."""
    changed = mapped(QUERY, lambda part: Literal(value=3) if isinstance(part, Literal) else None)
    assert changed == parse("select m where m.x in (select n where n.y = 3) and m.z = 3")[0]
    assert mapped(QUERY, lambda _: None).span == QUERY.span
