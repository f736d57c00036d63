"""Paths through layer graphs."""

import pytest

ONE = 'where m.name = "alexnet_a"'


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ('m["conv"].next', "relu"),
        ('m["relu"].next', ["block.pool", "add"]),
        ('m["add"].prev', ["relu", "block.pool"]),
        ('m["fc"].prev', "add"),
        ('m["image"].next{2,3}', ["relu", "block.pool", "add"]),
        ('m["conv"].next{1,}["f*"]', "fc"),
        ('m["pool1"]', "block.pool"),
        ('m["*"]', ["image", "conv", "relu", "add", "fc", "output"]),
        ('m["**l"]', "block.pool"),
        ("m[POOL]", "block.pool"),
        ('m["conv"].next.next[POOL]', "block.pool"),
        ("m.input.next", "conv"),
        ('m["nothing"]', None),
    ],
)
def test_a_path_leads_to_nodes(rows, path: str, names: object) -> None:
    """In execution order, plumbing left out; an alias counts where no name matches."""
    assert rows(f"select {path} {ONE}") == [[names]]


def test_what_is_skipped_is_walked_through(rows) -> None:
    """However many there are in a row."""
    text = f'select m {ONE} and m["conv"].next via (RELU | POOL) has all ADD'
    assert rows(text) == [["alexnet_a@1"]]
