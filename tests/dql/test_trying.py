"""evaluate: the whole, from a query to versions."""

import sys

import numpy as np
import pytest
from small_trials import CONFIG, with_networks, write_digits

from modelhub.dlv.operations.fsck import check
from modelhub.dql import TryOptions, evaluate, is_evaluate, query, run_status
from modelhub.errors import LockedError, MissingExtraError, NotFoundError, QueryError
from modelhub.trials import RunFolder

VARY = "vary config.base_lr in [0.5, 0.001, 0.1]"
TOP = 'keep top(2, m["loss"], 10)'
QUERY = f'evaluate m where m.name = "lenet" with config = {CONFIG} {VARY} {TOP}'
ONE = TryOptions(threads=1)


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with with_networks(tmp_path) as found:
        yield found


def brief(found):
    return [(each.trial, each.state, each.version) for each in found.trials]


def test_the_best_become_versions(models) -> None:
    """With parent, settings, course and query; what was stopped says at which step, and why."""
    shown = []
    found = evaluate(models, QUERY, options=ONE, watch=lambda *each: shown.append(each))
    assert brief(found) == [
        (0, "kept", "lenet-tried@1"),
        (1, "kept", "lenet-tried@2"),
        (2, "stopped", None),
    ]
    assert found.trials[2].step == 10
    assert found.trials[2].reason == "2 trials have a better loss at step 10"
    version = models["lenet-tried@1"]
    assert [str(each.ref) for each in version.parents] == ["lenet@1"]
    assert version.hyperparameters["base_lr"] == 0.5
    assert version.hyperparameters["trial"] == f"{found.run}/0"
    assert version.message == found.query.strip()
    assert version.metrics == found.trials[0].metrics
    assert version.snapshots == ["step-20"]
    assert version.metrics["accuracy"] > 0.2
    assert {each[1:] for each in shown} == {(3, found.run)}
    assert [row["m"].number for row in query(models, 'select m where m child of "lenet"')] == [1, 2]
    assert check(models).is_clean


def test_the_same_query_goes_on_and_repeats_nothing(models) -> None:
    """Killed before each trial, and between commits; the versions are as if it never was."""

    def die_at(number):
        def watch(trial, *_):
            if trial.trial == number and trial.state == "running":
                raise KeyboardInterrupt

        return watch

    with pytest.raises(KeyboardInterrupt):
        evaluate(models, QUERY, options=ONE, watch=die_at(1))
    [run] = (models.layout.runs).iterdir()
    status = run_status(models, run.name[:4])
    assert brief(status) == [(0, "finished", None)]
    assert status.notes == ["1 of 3 trials are done"]
    assert not status.is_driven
    first = evaluate(models, QUERY, options=ONE)
    (run / "00000.version.json").unlink()  # as if killed behind the commit
    again = evaluate(models, QUERY, options=ONE, watch=die_at(0))
    assert brief(again) == brief(first)
    assert [each.seconds for each in again.trials] == [each.seconds for each in first.trials]
    assert models["lenet-tried"].number == 2
    assert brief(run_status(models, run.name)) == brief(first)


def test_both_executors_keep_the_same(models) -> None:
    """With the same numbers, for the same seed and threads."""
    inline = evaluate(models, QUERY, options=ONE)
    options = TryOptions(executor="process", workers=2, threads=1)
    process = evaluate(models, QUERY.replace(TOP, TOP + ' commit as "others"'), options=options)
    told = {each.trial: each.metrics for each in process.trials}
    assert [each.trial for each in process.trials[:2]] == [0, 1]
    assert all(told[each.trial] == each.metrics for each in inline.trials[:2])
    assert [each.version for each in process.trials[:2]] == ["others@1", "others@2"]


def test_another_process_may_drive(models) -> None:
    """Then this one does not."""
    found = evaluate(models, QUERY, options=ONE)
    folder = RunFolder(models.layout.runs, found.run)
    with folder.driving(), pytest.raises(LockedError, match="another process drives"):
        evaluate(models, QUERY, options=ONE)


def test_networks_that_are_made_are_tried(models) -> None:
    """Constructions and slices, named by let or in parentheses; versions of a let, too."""
    made = 'construct n from m where m.name = "lenet" mutate m["conv1"].insert = RELU("relu1")'
    config = f"with config = {CONFIG.replace('20', '2')}"
    named = evaluate(models, f'let q = {made}; evaluate m from "q" {config}', options=ONE)
    inside = evaluate(models, f"evaluate m from ({made}) m {config} commit as 'x'", options=ONE)
    assert named.trials[0].metrics == inside.trials[0].metrics
    assert "relu1" in models["lenet-tried"].network.by_name
    cut = (
        'slice s from m where m.name = "lenet" mutate s.input = m["conv1"] and s.output = m["fc1"]'
    )
    assert evaluate(models, f"evaluate m from ({cut}) m {config}", options=ONE).count == 1
    text = f'let q = select m where m.name = "x"; evaluate m from m in q {config}'
    assert evaluate(models, text, options=ONE).trials[0].network == "x@1"
    with pytest.raises(QueryError, match="conditions are asked of versions"):
        evaluate(models, f"evaluate m from ({made}) m where m.name = 'x' {config}")
    with pytest.raises(QueryError, match="no network to evaluate"):
        evaluate(models, f'evaluate m where m.name = "nobody" {config}')


def test_strategies_and_thresholds(models) -> None:
    """Random draws, a learning one, and a rule that stops whoever breaks it."""
    config = f"with config = {CONFIG}"
    text = f'evaluate m where m.name = "lenet" {config} vary config.base_lr in loguniform(1e-3, 1)'
    rule = 'keep m["loss"] * 2 < 3 after 10 and m.accuracy >= 0'
    drawn = evaluate(models, f"{text} using random(3, seed=1) {rule}", options=ONE)
    assert drawn.count == 3
    assert {each.state for each in drawn.trials} <= {"kept", "stopped"}
    assert all(
        each.reason.endswith("does not hold") for each in drawn.trials if each.state == "stopped"
    )
    found = evaluate(models, f"{text} using tpe(3) keep top(9, m.loss)", options=ONE)
    assert found.count == 3
    assert found.notes == ["top(9, loss) of 3 trials: all that finish are kept"]
    with pytest.raises(QueryError, match=r"using random\(20\)"):
        evaluate(models, text)


def test_a_training_of_the_users(models) -> None:
    """It runs only if it is named beside the query; what it raises fails that trial."""

    def told(name: str, extra: str = "") -> str:
        config = CONFIG.replace("{", f'{{train: "small_trials:{name}", ', 1)
        return f'evaluate m where m.name = "lenet" with config = {config} {extra}'

    def options(name: str) -> TryOptions:
        return TryOptions(threads=1, code=[f"small_trials:{name}"])

    with pytest.raises(QueryError, match="--code small_trials:fitting"):
        evaluate(models, told("fitting"))
    text = told("fitting", 'vary config.user.times in [1, 2] keep top(1, m["loss"], 5)')
    found = evaluate(models, text, options=options("fitting"))
    assert not [each.reason for each in found.trials if each.state == "failed"]
    assert [(each.trial, each.state) for each in found.trials] == [(0, "kept"), (1, "stopped")]
    silent = evaluate(models, told("silent"), options=options("silent"))
    assert "has reported nothing" in silent.trials[0].reason
    broken = evaluate(models, told("broken"), options=options("broken"))
    assert (broken.trials[0].state, broken.trials[0].step) == ("failed", 1)
    assert broken.trials[0].reason == "KeyError: 'oops'"
    never = told("fitting", 'keep top(1, m["f1"])')
    found = evaluate(models, never, options=options("fitting"))
    assert "the metric 'f1' was never reported" in found.trials[0].reason


def test_nan_fails_its_trial_alone(models) -> None:
    """A rate that is far too high."""
    text = QUERY.replace("[0.5, 0.001, 0.1]", "[1e30, 0.1]")
    found = evaluate(models, text, options=ONE)
    assert [(each.trial, each.state) for each in found.trials] == [(1, "kept"), (0, "failed")]
    assert "the loss is" in found.trials[1].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (QUERY.replace("base_lr: 0.1, ", "").replace(VARY, ""), "no 'base_lr', which is needed"),
        (QUERY.replace("base_lr: 0.1", "base_rl: 0.1"), "did you mean 'base_lr'"),
        (QUERY.replace("digits.npz", "nowhere.npz"), "there are no data at nowhere.npz"),
        (QUERY.replace('m["loss"]', 'm["lss"]'), "the metric 'lss' is never reported"),
        (QUERY.replace("10)", "100)"), "step 100 is never reached; max_iter is 20"),
        (QUERY.replace("digits.npz", "small_trials:data"), "--code small_trials:data"),
        (QUERY.replace('m["loss"]', 'm["small_trials:f"]'), "--code small_trials:f"),
        (QUERY.replace("config.base_lr", 'config.net["dense*"].lr'), "selects no parameters"),
        (QUERY.replace("[0.5, 0.001, 0.1]", "[0.1, 0.1]"), "no choices, or one twice"),
        (QUERY.replace("[0.5, 0.001, 0.1]", "['a']"), "which is not a number above 0"),
        (QUERY.replace(VARY, f"{VARY} and config.base_lr auto"), "varied twice"),
        (QUERY.replace("evaluate m where", "evaluate m from a, b where"), "one variable"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_trained(models, text: str, said: str) -> None:
    """In its place, with the way out."""
    with pytest.raises(QueryError, match=said):
        evaluate(models, text)
    assert not models.layout.runs.exists()


def test_a_network_that_cannot_be_trained_is_told(models) -> None:
    """Weights alone are no network."""
    models.commit("weights", {"w": np.ones(3, np.float32)})
    with pytest.raises(QueryError, match="has no network, only weights"):
        evaluate(models, QUERY.replace("lenet", "weights"))


def test_an_extra_that_is_missing_is_named(models, monkeypatch) -> None:
    """Strategies that learn need Optuna."""
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "modelhub.trials.tuning", raising=False)
    text = QUERY.replace(TOP, f"using asha(1, 3) {TOP}")
    with pytest.raises(MissingExtraError, match=r"modelhub-dlv\[tune\]"):
        evaluate(models, text)


def test_other_data_are_another_run(models, tmp_path) -> None:
    """The same file with other bytes, too; a removed version is not committed again."""
    first = evaluate(models, QUERY, options=ONE)
    write_digits(tmp_path / "digits.npz", start=300)
    second = evaluate(models, QUERY, options=ONE)
    assert first.run != second.run
    with pytest.raises(NotFoundError):
        run_status(models, "ffffffffffff")


def test_only_evaluate_is_evaluated() -> None:
    """By the last statement."""
    assert is_evaluate(QUERY)
    assert not is_evaluate("select m")


def test_query_does_not_train(models) -> None:
    """So that it is safe to expose."""
    with pytest.raises(QueryError, match="stands alone or behind let"):
        query(models, QUERY)
    with pytest.raises(QueryError, match="this is no evaluate"):
        evaluate(models, "select m")
