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


def test_several_versions_against_the_first(lenet) -> None:
    """A column each; JSON is an array."""
    out = lenet("diff", "lenet@1", "lenet@2", "head").out
    assert "lenet@1 → lenet@2, head@1" in out
    assert len(lenet("diff", "lenet@1", "lenet@2", "head", "--json").json) == 2
    assert lenet("diff", "lenet@1", "v1", "head", "--exit-code").status != 0
    assert lenet("diff", "lenet@1", "lenet@2", "head", "-q").out.splitlines()[0] == "fc.weight"


def test_only_a_part(lenet) -> None:
    """Another word is refused with those that there are."""
    found = lenet("diff", "lenet@1", "lenet@2", "--only", "metrics", "--json").json
    assert (found["tensors"], found["files"], len(found["metrics"])) == ([], [], 1)
    assert lenet("diff", "lenet@1", "lenet@2", "--only", "layers").status == 2
