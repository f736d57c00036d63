"""dlv diff."""


def test_shows_what_differs(lenet) -> None:
    """Tensors with their relative change, metrics, files."""
    found = lenet("diff", "lenet@1", "lenet@2", "--json").json
    (tensor,) = found["tensors"]
    assert (tensor["name"], tensor["change"]) == ("fc.weight", "changed")
    assert 1 < tensor["relative_change"] < 2
    assert found["tensors_same"] == 1
    assert [each["path"] for each in found["files"]] == ["model_0010.safetensors"]
    assert "relative change" in lenet("diff", "lenet@1", "lenet@2").out


def test_the_exit_code_is_asked_for(lenet) -> None:
    """0 for equal versions, 1 for different ones; without the option always 0."""
    assert lenet("diff", "lenet@1", "lenet@2").status == 0
    assert lenet("diff", "lenet@1", "lenet@2", "--exit-code").status == 1
    same = lenet("diff", "lenet@1", "lenet@v1", "--exit-code")
    assert (same.status, "nothing differs" in same.out) == (0, True)
