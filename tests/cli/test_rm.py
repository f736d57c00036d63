"""dlv rm."""


def test_forgets_and_restores(lenet) -> None:
    """A forgotten version is not found until it is restored."""
    assert lenet("rm", "lenet@2").out == "forgot lenet@2; free the bytes with: dlv gc\n"
    assert lenet("desc", "lenet@2").status == 3
    assert lenet("rm", "--undo", "lenet@2").out == "restored lenet@2\n"
    assert lenet("desc", "lenet@2").status == 0


def test_a_dry_run_forgets_nothing(lenet) -> None:
    """It names what it would forget."""
    assert lenet("rm", "lenet", "--dry-run").out == "would forget lenet@2\n"
    assert lenet("desc", "lenet@2").status == 0


def test_one_unknown_revision_stops_all(lenet) -> None:
    """None is forgotten."""
    assert lenet("rm", "lenet@1", "lenet@9").status == 3
    assert lenet("desc", "lenet@1").status == 0
