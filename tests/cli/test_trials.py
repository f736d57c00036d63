"""Trials on the command line."""

import json
import signal
import subprocess
import sys
import time

import pytest
from small_trials import with_networks

from modelhub.cli.trials import trials_page, watching
from modelhub.dql import Tried, TriedNetwork
from modelhub.pages import Look, as_text

CONFIG = '{input_data: "digits.npz", max_iter: 10, base_lr: 0.1}'
QUERY = (
    f'evaluate m where m.name = "lenet" with config = {CONFIG} '
    'vary config.base_lr in [0.001, 0.5] keep top(1, m["loss"], 5)'
)


@pytest.fixture
def digits(folder, dlv):
    with_networks(folder).close()
    return dlv


def test_it_trains_and_shows(digits) -> None:
    """A line for each trial that ends, then the table; again, nothing is done twice."""
    done = digits("query", QUERY, "--threads", "1")
    assert done.status == 0
    first, second = done.err.splitlines()
    assert first.startswith("trial 1 of 2, lenet@1 base_lr=0.001: finished at step 10, accuracy ")
    assert second.endswith("(another trial has a better loss at step 5)")
    head, best, other, _, run = done.out.splitlines()
    assert head.split()[:5] == ["trial", "network", "base_lr", "state", "step"]
    assert best.split()[:5] == ["0", "lenet@1", "0.001", "kept", "10"]
    assert other.split()[3] == "stopped"
    again = digits("query", QUERY, "-q")
    assert (again.out, again.err) == ("lenet-tried@1\n", "")
    status = digits("query", "--status", run.split()[1][:5], "--json").json
    assert [each["state"] for each in status["trials"]] == ["kept", "stopped"]
    assert status["is_driven"] is False
    assert digits("query", "--status", "nothing").status == 3


def test_programs_get_lines(digits) -> None:
    """One for each trial that ends, and one for the whole."""
    done = digits("query", QUERY, "--json", "--threads", "1", "--executor", "process")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert {each["trial"] for each in lines[:-1]} == {0, 1}
    assert lines[-1]["count"] == 2
    assert lines[-1]["trials"][0]["version"] == "lenet-tried@1"


def test_what_is_wrong_is_one_line_and_status_7(digits) -> None:
    """With the place."""
    done = digits("query", QUERY.replace("base_lr: 0.1", "base_lr: no"))
    assert done.status == 7
    assert "a setting is a number" in done.err


HEEDING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
from modelhub.cli import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on(digits, folder, number) -> None:
    """Ctrl-C says how; a kill says nothing. Either way no trial that ended is repeated."""
    text = QUERY.replace("max_iter: 10", "max_iter: 100000")
    command = [sys.executable, "-c", HEEDING, "query", text, "--threads", "1"]
    runs = folder / ".dlv" / "runs"
    deadline = time.monotonic() + 120
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            while not list(runs.glob("*/run.json")) and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    if number == signal.SIGINT and "run " in said:
        assert "the same command goes on" in said
        assert process.returncode == 130
    [run] = runs.iterdir()
    status = digits("query", "--status", run.name, "--json").json
    assert status["is_driven"] is False
    assert digits("fsck").status == 0


def tried(**changes) -> TriedNetwork:
    values = {"trial": 0, "network": "lenet@1", "settings": {"x": 1}, "state": "running"}
    return TriedNetwork(**{**values, "step": 3, "metrics": {"loss": 0.5}, **changes})


def test_the_page_has_a_column_for_each_setting() -> None:
    """And notes behind the table."""
    trials = [tried(state="kept", version="a@1"), tried(trial=1, settings={"y": [1]}, metrics={})]
    found = Tried(run="ab", query="", count=3, trials=trials, is_driven=True, notes=["a note"])
    text = "\n".join(as_text(list(trials_page(found)), Look(width=None, is_styled=False)))
    assert "x" in text.splitlines()[0].split()
    assert "run ab, under way" in text
    assert "a note" in text


def interrupted() -> None:
    with watching() as shown:
        shown(tried(), 2, "ab")
        raise KeyboardInterrupt


def test_what_runs_is_not_told_in_lines(capsys) -> None:
    """Only what has ended."""
    with watching() as shown:
        shown(tried(), 2, "ab")
        shown(tried(state="failed", reason="no luck"), 2, "ab")
    assert capsys.readouterr().err == (
        "trial 1 of 2, lenet@1 x=1: failed at step 3, loss 0.5 (no luck)\n"
    )
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "dlv query --status ab" in capsys.readouterr().err
