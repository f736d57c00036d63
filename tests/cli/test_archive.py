"""dlv archive."""

import numpy as np
import pytest
from safetensors.numpy import save_file


@pytest.fixture
def steps(dlv, folder):
    """One version with four snapshots that resemble each other."""
    assert dlv("init").status == 0
    base = np.random.default_rng(1).normal(size=(100, 80)).astype(np.float32)
    for step in range(4):
        noise = np.random.default_rng(step + 2).normal(size=base.shape)
        state = {"fc": (base + 1e-3 * noise).astype(np.float32)}
        save_file(state, folder / f"model_{step:04}.safetensors")
    assert dlv("commit", "net", *(f"model_{step:04}.safetensors" for step in range(4))).status == 0
    return dlv


def test_plans_and_says_what_it_costs(steps):
    """A dry run announces the disk that it needs; the run names what frees the old copies."""
    planned = steps("archive", "--alpha", "20", "--dry-run").out
    assert "would move 3 of 4 matrices in 4 snapshots" in planned
    assert "each read within 20 times its fastest" in planned
    assert "more, until dlv gc frees the old copies" in planned
    done = steps("archive", "--alpha", "20", "--explain", "net@1/step-3")
    assert "moved 3 of 4 matrices" in done.out
    assert "free the old copies with: dlv gc" in done.out
    assert "fc" in done.out.rpartition("why")[2]
    assert "freed" in steps("gc").out
    assert steps("fsck").status == 0
    assert "moved 0 of 4" in steps("archive", "--alpha", "20").out


def test_json_has_the_fields_of_the_plan(steps):
    """Bytes, seconds and the explained matrices."""
    found = steps("archive", "--json", "--alpha", "20", "--explain", "net", "-j", "1").json
    assert found["after"] < found["before"]
    assert found["recreation_after"]["worst"] >= found["recreation_least"]["worst"]
    assert [row["name"] for row in found["explained"]] == ["fc"]


def test_budgets_for_all_and_for_some(steps):
    """One that cannot be kept is refused with the least that can, and its own exit status."""
    assert steps("archive", "--budget", "1m", "--budget", "net@1#step=2=30s").status == 0
    failed = steps("archive", "--budget", "net@1/step-2=1us")
    assert failed.status == 6
    assert "raise the budget to at least that" in failed.err
    assert steps("archive", "--budget", "soon").status == 2
    assert steps("archive", "--budget", "1s", "--budget", "2s").status == 2


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["--alpha", "0.5"], 1, "at least 1"),
        (["--optimizer", "nope"], 3, "no optimizer is called 'nope'"),
        (["nope"], 3, "no model is called 'nope'"),
        (["--scheme", "nope"], 2, "nope"),
    ],
)
def test_wrong_input_is_one_line(steps, arguments, status, text):
    """What, and the way out."""
    failed = steps("archive", *arguments)
    assert failed.status == status
    assert text in failed.err


def test_every_scheme_and_optimizer(steps):
    """Each gives a plan."""
    for name in ("prices", "mst", "spt", "last", "pas-mt", "pas-pt"):
        assert steps("archive", "--dry-run", "--optimizer", name, "--alpha", "3").status == 0
    for scheme in ("independent", "parallel", "reusable"):
        assert (
            steps("archive", "--scheme", scheme, "--per", "model", "--effort", "fast").status == 0
        )


def test_an_empty_repository(dlv):
    """There is nothing to plan, and it is said."""
    dlv("init")
    failed = dlv("archive")
    assert failed.status == 1
    assert "nothing to plan" in failed.err
