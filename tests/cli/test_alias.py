"""dlv alias."""


def test_an_alias_moves(lenet) -> None:
    """It names the version that it was given to last."""
    lenet("alias", "lenet@1", "production")
    assert lenet("alias", "lenet@2", "production").out == "lenet@production is lenet@2\n"
    assert lenet("desc", "lenet:production", "-q").out == lenet("desc", "lenet@2", "-q").out


def test_a_tag_is_no_alias(lenet) -> None:
    """One name, one meaning."""
    assert lenet("alias", "lenet@2", "v1").status == 4
