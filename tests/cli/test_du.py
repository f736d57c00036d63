"""dlv du."""


def test_bytes_by_model_and_by_version(lenet) -> None:
    """What is stored is exclusive or shared."""
    found = lenet("du", "--json").json
    assert [row["name"] for row in found["rows"]] == ["lenet", "head"]
    assert all(row["stored"] == row["exclusive"] + row["shared"] for row in found["rows"])
    names = [row["name"] for row in lenet("du", "lenet", "--versions", "--json").json["rows"]]
    assert names == ["lenet@1", "lenet@2"]
    assert "objects on disk" in lenet("du").out


def test_a_name_that_is_no_model(lenet) -> None:
    """It is said; the repository is not called empty."""
    assert "no model is called 'nope'; see all with: dlv list" in lenet("du", "nope").out
    assert "no model is called 'z*'; see all with: dlv list" in lenet("list", "z*").out
