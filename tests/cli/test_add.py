"""dlv add."""


def test_shows_what_a_commit_would_take(dlv, weights) -> None:
    """Role, snapshot and tensors of each staged file."""
    dlv("init")
    weights("checkpoint-5/model.safetensors")
    (row,) = dlv("add", "checkpoint-5", "--json").json
    assert (row["role"], row["snapshot"], row["tensors"]) == ("weights", "step-5", 2)


def test_undo_takes_files_off_the_stage(dlv, weights) -> None:
    """The file itself stays."""
    dlv("init")
    path = weights("model.safetensors")
    dlv("add", "model.safetensors")
    assert "nothing is staged" in dlv("add", "--undo", "model.safetensors").out
    assert path.exists()


def test_what_is_not_there_cannot_be_added(dlv) -> None:
    """One line says so."""
    dlv("init")
    done = dlv("add", "nothing.pt")
    assert (done.status, done.err) == (1, "dlv: nothing.pt does not exist; nothing was added\n")


def test_outside_of_a_repository(dlv, weights) -> None:
    """Exit status 3, and how to start one."""
    weights("model.safetensors")
    done = dlv("add", "model.safetensors")
    assert done.status == 3
    assert "start one with: dlv init" in done.err
