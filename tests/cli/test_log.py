"""dlv log."""


def test_shows_ancestors_newest_first(lenet) -> None:
    """The version itself, then what it was made from."""
    rows = lenet("log", "head", "--json").json
    assert [f"{r['version']['name']}@{r['version']['number']}" for r in rows] == [
        "head@1",
        "lenet@1",
    ]
    assert len(lenet("log", "lenet", "-n", "1", "-q").out.split()) == 1


def test_unknown_names_get_a_hint(lenet) -> None:
    """Did you mean."""
    done = lenet("log", "lenett")
    assert (done.status, "did you mean lenet?" in done.err) == (3, True)
