"""Records take effect in their order."""

from pathlib import Path

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.records import draw_sequence, is_overtaken


def test_sequence_numbers_are_never_given_twice(tmp_path: Path) -> None:
    """Not even if nothing uses them."""
    catalog = Catalog.create(tmp_path / "c.db")
    with catalog.write() as connection:
        first = draw_sequence(connection, 3)
    with catalog.write() as connection:
        assert draw_sequence(connection) == first + 3
        assert not is_overtaken(connection, 1)


def test_the_last_word_holds(repository, state) -> None:
    """Aliases move, annotations are taken away, removals taken back."""
    from modelhub.dlv import alias, annotate, remove, restore

    repository.commit("net", state)
    for value in (1.0, 2.0, None):
        annotate(repository, "net", metrics={"m": value}, notes={"n": value and str(value)})
    assert repository["net"].metrics == {}
    remove(repository, ["net"])
    restore(repository, ["net@1"])
    alias(repository, "net", "x")
    assert repository["net:x"].number == 1
