"""dlv list."""


def test_draws_the_lineage(lenet) -> None:
    """A child stands below its parent, indented."""
    first = [line.split()[0:2] for line in lenet("list").out.splitlines()[1:]]
    assert [" ".join(words)[:10] for words in first] == [
        "lenet@1 " + first[0][1][:2],
        "├─ head@1",
        "lenet@2 " + first[2][1][:2],
    ]


def test_filters_sorts_and_limits(lenet) -> None:
    """By name, by metric, so many."""
    assert len(lenet("list", "head", "-q").out.split()) == 1
    (row,) = lenet("ls", "--sort", "accuracy", "-n", "1", "--json").json
    assert (row["version"]["name"], row["version"]["number"]) == ("lenet", 2)


def test_other_forms(lenet) -> None:
    """CSV has raw numbers, Markdown a table."""
    assert lenet("list", "--format", "csv").out.startswith("version,id,created,snapshots,")
    assert lenet("list", "--format", "md").out.startswith("| version | id |")


def test_an_unknown_metric(lenet) -> None:
    """The message says which there are."""
    done = lenet("list", "--sort", "acuracy")
    assert done.status == 1
    assert "there are: accuracy" in done.err


def test_an_empty_repository(dlv) -> None:
    """It says how to begin."""
    dlv("init")
    assert "there are no versions yet" in dlv("list").out
    assert dlv("list", "--json").json == []


def test_conditions_choose(lenet) -> None:
    """All of them must hold; a slip is told."""
    assert [each["version"]["name"] for each in lenet("list", "--where", "tag=v*", "--json").json]
    found = lenet("list", "--where", "accuracy>=0.5", "--where", "snapshots=1", "--json").json
    assert [each["version"]["number"] for each in found] == [2]
    assert lenet("list", "--where", "accuracy>0.5", "-q").out == ""
    none = lenet("list", "--where", "accuracy>0.5", "--where", "snapshots=1").out
    assert none == "no version fits: accuracy>0.5 and snapshots=1\n"
    assert "there are: accuracy" in lenet("list", "--where", "acc>0").err
    assert "is no condition" in lenet("list", "--where", "accuracy").err
