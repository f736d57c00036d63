"""dlv status."""


def test_tells_what_is_staged_changed_and_vanished(dlv, weights) -> None:
    """Each staged file with its state."""
    dlv("init")
    for number, name in enumerate(("a", "b", "c")):
        weights(f"{name}.safetensors", number)
    dlv("add", ".")
    weights("b.safetensors", 9).touch()
    weights("c.safetensors").unlink()
    states = {row["path"]: row["state"] for row in dlv("status", "--json").json["staged"]}
    assert states == {
        "a.safetensors": "staged",
        "b.safetensors": "changed",
        "c.safetensors": "vanished",
    }


def test_says_so_if_nothing_is_staged(dlv) -> None:
    """And how to stage something."""
    dlv("init")
    assert dlv("status").out == "nothing is staged; stage files with: dlv add FILES\n"


def test_names_what_copy_has_noted(lenet) -> None:
    """The next commit of that name has a parent."""
    lenet("copy", "lenet@1", "child")
    assert "the first version of child will descend from" in lenet("status").out
