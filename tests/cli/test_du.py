"""dlv du."""


def test_bytes_by_model_and_by_version(lenet) -> None:
    """What is stored is exclusive or shared."""
    found = lenet("du", "--json").json
    assert [row["name"] for row in found["rows"]] == ["lenet", "head"]
    assert all(row["stored"] == row["exclusive"] + row["shared"] for row in found["rows"])
    names = [row["name"] for row in lenet("du", "lenet", "--versions", "--json").json["rows"]]
    assert names == ["lenet@1", "lenet@2"]
    assert "objects on disk" in lenet("du").out
