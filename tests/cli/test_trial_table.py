"""The live table."""

from modelhub.cli.trial_table import LiveTable
from modelhub.dql import TriedNetwork


def tried(number: int, state: str, **metrics: float) -> TriedNetwork:
    return TriedNetwork(
        trial=number,
        network="lenet@1",
        settings={"base_lr": 0.1},
        state=state,
        step=5,
        metrics=metrics,
    )


def test_it_shows_what_runs_what_ended_and_the_best() -> None:
    """With the time that is left, once it can be told."""
    table = LiveTable()
    table.update(tried(0, "running"), 3)
    assert table._line().plain == "0 of 3 trials"
    table.update(tried(0, "finished", loss=0.5), 3)
    table.update(tried(1, "running", loss=0.25), 3)
    table.close()
    line = table._line().plain
    assert line.startswith("1 of 3 trials, about ")
    assert line.endswith(" s left; best so far: trial 1, loss 0.25")
    cells = [list(column.cells) for column in table._table().columns]
    assert [str(each) for each in cells[2]] == ["finished", "running"]


def test_the_best_goes_by_what_is_reported() -> None:
    """Greater is better of an accuracy."""
    table = LiveTable()
    table.update(tried(0, "finished", accuracy=0.5), 2)
    table.update(tried(1, "finished", accuracy=0.75), 2)
    table.close()
    assert table._line().plain == "2 of 2 trials; best so far: trial 1, accuracy 0.75"
