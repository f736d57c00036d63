"""dlv commit."""


def test_says_what_it_made(lenet, weights) -> None:
    """Version, snapshots, and bytes as they are and as stored."""
    weights("model_0030.safetensors", 7)
    lines = lenet("commit", "lenet", "model_0030.safetensors").out.splitlines()
    assert lines[0].startswith("committed lenet@3 (")
    assert lines[1] == "  snapshots  step-30"
    assert lines[2].startswith("  files      1, 5.0 KiB, stored in ")


def test_identical_content_is_said(lenet) -> None:
    """Exit status 0, and nothing is made."""
    done = lenet("commit", "lenet", "model_0010.safetensors", "--metric", "accuracy=0.5")
    assert done.status == 0
    assert done.out == "lenet@2 holds exactly this already; nothing was committed\n"


def test_a_dry_run_makes_nothing(lenet, weights) -> None:
    """It shows what would be taken for what."""
    weights("model_0030.safetensors", 7)
    assert "would commit" in lenet("commit", "new", "model_0030.safetensors", "--dry-run").out
    assert lenet("log", "new").status == 3


def test_quiet_prints_the_id(lenet, weights) -> None:
    """One id, 64 digits."""
    weights("model_0030.safetensors", 7)
    assert len(lenet("commit", "new", "model_0030.safetensors", "-q").out.strip()) == 64


def test_wrong_input(lenet) -> None:
    """Each is one line, and nothing is recorded."""
    for arguments, said in (
        (["a b", "model_0010.safetensors"], "cannot be a model's name"),
        (["x", "model_0010.safetensors", "--parent", "lennet"], "did you mean lenet"),
        (["x", "model_0010.safetensors", "--tag", "1"], "cannot be a tag"),
        (["x"], "nothing is staged"),
    ):
        done = lenet("commit", *arguments)
        assert done.status in (1, 3)
        assert said in done.err
        assert done.err.count("\n") == 1
    assert lenet("commit", "x", "--metric", "loss").status == 2
