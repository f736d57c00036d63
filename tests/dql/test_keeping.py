"""The clauses of evaluate, read."""

import pytest

from modelhub.dql import parse
from modelhub.dql.keeping import Clauses
from modelhub.errors import QueryError
from modelhub.trials import Choices, Drawn, Grid, Interval, Space, Threshold, Top

CONFIG = '{input_data: "d.npz", max_iter: 20, base_lr: 0.1}'


def clauses(rest: str = "", config: str = CONFIG):
    text = f"evaluate m with config = {config} {rest}"
    [found] = parse(text)
    return Clauses(text), found


def varied(rest: str):
    found, query = clauses(f"vary {rest}")
    return found.varied(query.dimensions[0], found.config(query))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", 'input_data = "d"\nmax_iter = 3\nbase_lr = 0.1\n[net."conv*"]\nlr = 0\n'),
        ("a.yaml", 'input_data: d\nmax_iter: 3\nbase_lr: 1e-1\nnet: {"conv*": {lr: 0}}\n'),
        (
            "a.json",
            '{"input_data": "d", "max_iter": 3, "base_lr": 0.1, "net": {"conv*": {"lr": 0}}}',
        ),
    ],
)
def test_a_configuration_may_be_a_file(tmp_path, name: str, text: str) -> None:
    """Of three kinds, which say the same."""
    (tmp_path / name).write_text(text)
    found, query = clauses(config=f"'{tmp_path / name}'")
    config = found.config(query)
    assert (config["base_lr"], config["net"]) == (0.1, {"conv*": {"lr": 0.0}})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("'nowhere.toml'", "no configuration at nowhere.toml"),
        ("'here.txt'", "of no known kind"),
        ("'broken.json'", "is not valid json"),
        ("'list.yaml'", "says no settings"),
        ("{max_iter: 1, max_iter: 2}", "stands twice"),
        ("{max_iter: m.x}", "a setting is a number"),
        ('{input_data: "d", max_iter: 1, base_lr: 1, data: {labell: "y"}}', "no 'labell'"),
    ],
)
def test_a_configuration_that_is_none_is_refused(tmp_path, monkeypatch, config, said) -> None:
    """In its place."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here.txt").write_text("x")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.yaml").write_text("- 1")
    found, query = clauses(config=config)
    with pytest.raises(QueryError, match=said):
        found.config(query)


def test_what_is_varied() -> None:
    """Lists, ranges, intervals and defaults; settings inside tables by their names."""
    assert varied("config.base_lr in [1, 2]") == Choices(name="base_lr", values=[1, 2])
    assert varied("config.batch_size in int(2, 4)").values == [2, 3, 4]
    assert varied("config.base_lr in loguniform(0.1, 1)") == Interval(
        name="base_lr", low=0.1, high=1.0, is_log=True
    )
    assert varied("config.momentum auto") == (Choices(name="momentum", values=[0.0, 0.9, 0.99]))
    assert varied('config.net["conv*"].lr in [0, 1]').name == "net[conv*].lr"
    assert varied('config.data.label in ["a", "b"]').name == "data.label"


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("config.base_rl in [1]", "did you mean 'base_lr'"),
        ("m.base_lr in [1]", "a setting is varied"),
        ("config.net in [1]", "no setting that can be varied"),
        ("config.net[CONV].lr in [1]", "no setting that can be varied"),
        ("config.base_lr in []", "no choices"),
        ("config.base_lr in range(1, 2)", "range"),
        ("config.base_lr in uniform(a=1, 2)", "a range takes numbers"),
        ("config.optimizer in ['sgd', 'lion']", "not sgd, adam or adamw"),
        ("config.seed auto", "nothing is known that 'seed' could be"),
    ],
)
def test_what_cannot_be_varied_is_refused(rest: str, said: str) -> None:
    """With what is meant."""
    with pytest.raises(QueryError, match=said):
        varied(rest)


def test_rules() -> None:
    """Directions go by names unless they are said; thresholds are sums of metrics."""
    found, query = clauses(
        'keep top(5, m["loss"], 10) and top(1, m.f1 asc) and 2 * m.f1 - 1 > 0 after 3'
    )
    low, reverse, threshold = found.rules(query)
    assert low == Top(count=5, metric="loss", after=10, is_falling=True)
    assert reverse == Top(count=1, metric="f1", is_falling=True)
    assert isinstance(threshold, Threshold)
    assert (str(threshold), threshold.after) == ("2 * m.f1 - 1 > 0 after 3", 3)
    assert (threshold.holds({"f1": 0.6}), threshold.holds({"f1": 0.5})) == (True, False)
    assert not threshold.holds({})
    found, query = clauses("keep 1 / m.loss > -m.loss")
    assert not found.rules(query)[0].holds({"loss": 0.0})


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("keep top(0, m.loss)", "at least one"),
        ("keep top(1, n.loss)", "a metric of m"),
        ('keep top(1, m["conv1"].next)', "a metric of m"),
        ('keep m.loss < "low"', "metrics and numbers are compared"),
    ],
)
def test_rules_that_are_none_are_refused(rest: str, said: str) -> None:
    """In their place."""
    found, query = clauses(rest)
    with pytest.raises(QueryError, match=said):
        found.rules(query)


def searched(strategy: str):
    found, query = clauses(f"vary config.base_lr in [1, 2] {strategy}")
    space = Space(candidates=3, dimensions=[Choices(name="base_lr", values=[1, 2])])
    return found.search(query, space, found.config(query), [])


def test_strategies() -> None:
    """A grid unless another is asked for."""
    assert isinstance(searched(""), Grid)
    assert searched("using grid").count == 6
    assert isinstance(searched("using random(4, seed=0)"), Drawn)
    assert searched("using tpe(7)").count == 7
    assert searched("using asha(2, factor=3)").count == 6


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("using rnadom(3)", "did you mean 'random'"),
        ("using random", r"say how many trials: random\(20\)"),
        ("using random(0)", "whole numbers"),
        ("using grid(3)", "whole numbers"),
        ("using tpe(n=3, depth=2)", r"tpe\(n, seed\)"),
    ],
)
def test_strategies_that_are_none_are_refused(strategy: str, said: str) -> None:
    """With those that there are."""
    with pytest.raises(QueryError, match=said):
        searched(strategy)
