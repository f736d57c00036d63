"""dlv annotate."""


def test_adds_and_takes_away(lenet) -> None:
    """Numbers and notes; the version id stays."""
    before = lenet("desc", "lenet", "-q").out
    lenet("annotate", "lenet", "--metric", "f1=0.25", "--note", "data=digits")
    found = lenet("desc", "lenet", "--json").json
    assert found["metrics"] == {"accuracy": 0.5, "f1": 0.25}
    assert found["notes"] == {"data": "digits"}
    lenet("annotate", "lenet", "--remove-metric", "f1", "--remove-note", "data")
    found = lenet("desc", "lenet", "--json").json
    assert found["metrics"] == {"accuracy": 0.5}
    assert found["notes"] == {}
    assert lenet("desc", "lenet", "-q").out == before


def test_nothing_to_say(lenet) -> None:
    """It asks for something."""
    assert "nothing to annotate" in lenet("annotate", "lenet").err
