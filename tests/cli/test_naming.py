"""What tag and alias have in common."""


def test_lists_are_empty_at_first(dlv) -> None:
    """And say so."""
    dlv("init")
    assert dlv("tag").out == dlv("alias").out == "there are none yet\n"


def test_deleting_what_is_not_there(lenet) -> None:
    """Not found."""
    assert lenet("alias", "--delete", "lenet@nothing").status == 3
