"""dlv desc."""


def test_tells_everything(lenet) -> None:
    """Facts, metrics, snapshots, tensors with statistics, files, storage."""
    out = lenet("desc", "lenet").out
    for part in ("version   lenet@2", "Metrics", "step-10", "fc.weight  float32", "Storage"):
        assert part in out


def test_a_pattern_selects_tensors(lenet) -> None:
    """Only those that match are shown."""
    found = lenet("desc", "lenet@1/step-10::*.bias", "--json").json
    assert [tensor["name"] for tensor in found["tensors"]] == ["fc.bias"]
    assert found["tensors"][0]["statistics"]["zeros"] == 40


def test_unknown_parts(lenet) -> None:
    """Snapshot, step and tensor each say what there is."""
    for revision in ("lenet@1/step-11", "lenet@1#step=11", "lenet::fx*", "lenet@7"):
        assert lenet("desc", revision).status == 3


def test_sizes_need_a_network(lenet) -> None:
    """That leaves them open; and have a form."""
    assert "'batch' is no size" in lenet("desc", "lenet", "--input-size", "batch=8").err
    assert "say batch=8" in lenet("desc", "lenet", "--input-size", "8").err
