"""Hyperparameters and metrics of a version."""

import json

from modelhub.dlv.operations.commit import CommitOptions, commit
from modelhub.dlv.training import Training


def test_logs_and_settings_are_read(repository, root, save, state) -> None:
    """The history by step, the last values, the settings; declared values win."""
    save("model_0020.safetensors", state)
    (root / "log.csv").write_text("step,loss,lr\n10,2.0,0.1\n20,1.0,0.05\n")
    (root / "config.json").write_text(json.dumps({"lr": 0.1, "net": {"width": 3}}))
    options = CommitOptions(metrics={"loss": 0.9}, hyperparameters={"lr": 0.2})
    commit(repository, "net", paths=[root], options=options)
    found = repository["net"].description
    assert found.metrics == {"loss": 0.9, "lr": 0.05}
    assert found.hyperparameters == {"lr": 0.2, "net.width": 3}
    assert found.snapshots[0].metrics == {"loss": 1.0, "lr": 0.05}
    (loss, rate) = found.history
    assert (loss.name, loss.points, loss.first, loss.last) == ("loss", 2, 2.0, 1.0)
    assert (rate.least, rate.greatest) == (0.05, 0.1)


def test_long_histories_are_thinned() -> None:
    """Evenly; a short one is kept as it is."""
    points = [(float(i), float(i)) for i in range(450_000)]
    training = Training(hyperparameters={}, metrics={}, history={"loss": points})
    kept = json.loads(training.history_bytes() or b"")["metrics"]["loss"]
    assert len(kept) == 150_000
    assert Training(hyperparameters={}, metrics={}, history={}).history_bytes() is None
