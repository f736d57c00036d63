"""Trees of queries."""

from modelhub.dql.parser import parse


def test_places_do_not_tell_trees_apart() -> None:
    """Two texts that say the same are equal."""
    assert parse("select m  where m.x = 1") == parse("SELECT m\nWHERE m.x=1 -- one")
    assert parse("select m where m.x = 1") != parse("select m where m.x = 2")
