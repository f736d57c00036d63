"""Histories, read from the repository."""

from modelhub.dlv import main_courses
from modelhub.dlv.histories import read_history
from modelhub.identity import canonical_json


def logged(repository, root, name: str, **metrics: list[float]):
    """A version whose log has these metrics."""
    folder = root / name
    folder.mkdir()
    steps = max(map(len, metrics.values()))
    header = ",".join(["step", *metrics])
    rows = [
        ",".join(
            [str(i), *(str(values[i]) if i < len(values) else "" for values in metrics.values())]
        )
        for i in range(steps)
    ]
    (folder / "metrics.csv").write_text("\n".join([header, *rows]) + "\n")
    return repository.commit(name, folder)


def test_a_value_without_a_step_has_its_place(repository, monkeypatch) -> None:
    """The format has a null there; infinities and NaN have names."""
    content = {"format": 1, "metrics": {"loss": [[None, 2.0], [None, "Infinity"]], "none": []}}
    monkeypatch.setattr(repository.reader, "blob", lambda _: canonical_json(content))

    assert read_history(repository, "ab") == {"loss": [(0, 2.0), (1, float("inf"))]}
    assert read_history(repository, None) == {}


def test_one_metric_for_all(repository, root) -> None:
    """The one that most versions have, results first; a point alone is no course."""
    one = logged(repository, root, "one", loss=[3, 1], lr=[0.1, 0.1], f1=[0.5])
    two = logged(repository, root, "two", loss=[2, 2], lr=[0.1, 0.1], val_loss=[4, 3])
    found = main_courses(repository, [one.id, two.id])

    assert found.metric == "loss"
    assert found.by_id == {one.id: [(0, 3.0), (1, 1.0)], two.id: [(0, 2.0), (1, 2.0)]}


def test_the_metric_that_is_asked_for(repository, root) -> None:
    """Unless nobody has logged it."""
    one = logged(repository, root, "one", loss=[3, 1], val_loss=[4, 3])

    assert main_courses(repository, [one.id], metric="loss").metric == "loss"
    assert main_courses(repository, [one.id], metric="f1").metric == "val_loss"


def test_versions_without_a_log(repository, state) -> None:
    """There is no metric."""
    found = main_courses(repository, [repository.commit("net", state).id])

    assert (found.metric, found.by_id) == ("", {})
