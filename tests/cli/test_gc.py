"""dlv gc."""


def test_frees_what_was_forgotten_after_its_time(lenet) -> None:
    """A dry run says what would be; before the grace time the reason is told."""
    lenet("rm", "head")
    assert "kept head@1: removed" in lenet("gc").out
    assert "would free" in lenet("gc", "--dry-run", "--grace", "0").out
    done = lenet("gc", "--grace", "0", "--json").json
    assert [each["name"] for each in done["versions"]] == ["head"]
    assert done["freed"] > 0
    assert lenet("fsck").status == 0


def test_nothing_to_free(lenet) -> None:
    """It frees nothing, and says so."""
    assert lenet("gc").out == "freed 0 B\n"
