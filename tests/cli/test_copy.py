"""dlv copy."""


def test_writes_the_files_and_notes_the_parent(lenet, folder, weights) -> None:
    """The first commit of the new name descends from the source."""
    done = lenet("copy", "lenet@v1", "child")
    assert f"copied 1 file of lenet@1 to {folder}/child" in done.out
    weights("child/model_0010.safetensors", 8)
    lenet("commit", "child", "child")
    assert lenet("desc", "child", "--json").json["parents"] == ["lenet@1"]


def test_a_name_that_has_versions_is_refused(lenet) -> None:
    """Exit status 4, and the way out."""
    done = lenet("copy", "lenet", "head")
    assert done.status == 4
    assert "--parent lenet@2" in done.err
