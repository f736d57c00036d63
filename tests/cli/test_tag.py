"""dlv tag."""


def test_gives_lists_and_deletes(lenet) -> None:
    """A tag names a version until it is deleted."""
    assert lenet("tag", "lenet", "v2").out == "lenet@v2 is lenet@2\n"
    assert [row["label"] for row in lenet("tag", "--json").json] == ["v1", "v2"]
    assert lenet("tag", "--delete", "lenet@v2").out == "deleted tag lenet@v2\n"
    assert lenet("desc", "lenet@v2").status == 3


def test_tags_do_not_move(lenet) -> None:
    """The message says which version has it."""
    done = lenet("tag", "lenet@2", "v1")
    assert done.status == 4
    assert "lenet@v1 is lenet@1 already" in done.err


def test_half_of_the_arguments(lenet) -> None:
    """Wrong usage."""
    assert lenet("tag", "lenet").status == 2
