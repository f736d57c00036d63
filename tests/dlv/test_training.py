"""Hyperparameters and metrics of a version."""

import json
import sys

from modelhub.dlv.operations.commit import CommitOptions, commit
from modelhub.dlv.training import Training
from modelhub.plugins import Registry


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


ODD = {
    "a/config.json": json.dumps({f"k{i}": i for i in range(10_001)}),
    "b/config.json": "{",
    "tags.yaml": "a: !!python/object/apply:os.system [touch hacked]\nlr: 0.5\n",
    "documents.yaml": "momentum: 0.9\n---\nb: [",
    "wrong.yaml": "a: !!int x",
    "latin.yml": "a: \udcff",
    "wrong.toml": "a = 1\na = 2",
    "rows_history.json": json.dumps([{"epoch": 1, "val": 0.5}]),
    "wrong_history.json": "[1]",
    "trainer_state.json": '{"log_history": 3}',
    "args.txt": "Namespace(",
    "opt.txt": "--a 'b",
    "metrics.csv": "step,acc\n1,0.5\n2,0.75\n,0.875\n",
    "metrics.jsonl": '{"step": 1, "err": 2}\n{\n',
    "caffe.log": "I0529 16:33:06.123456  4242 solver.cpp:1] a\nIteration 1, loss = 2\n"
    + "x" * 2_000_000,
    "events.out.tfevents.1.host": "no records at all",
}
SILENT = {"tags.yaml", "rows_history.json"}  # they are understood


def test_no_log_and_no_setting_stops_a_commit(repository, root, save, state, tmp_path) -> None:
    """Each is kept byte for byte, read as far as it goes, and one line says what was not."""
    save("model.safetensors", state)
    for name, text in ODD.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    done = commit(repository, "net", paths=[root])
    repository["net"].checkout(tmp_path / "back")
    for name in ODD:
        assert (tmp_path / "back" / name).read_bytes() == (root / name).read_bytes()
        told = [note for note in done.notes if name in note]
        assert len(told) == (name not in SILENT), name
        assert all(note.isprintable() for note in told)
    found = repository["net"].description
    assert found.hyperparameters["k9998"] == 9998
    assert (found.hyperparameters["lr"], found.hyperparameters["momentum"]) == (0.5, 0.9)
    assert found.metrics == {"val": 0.5, "acc": 0.75, "err": 2, "loss": 2}
    assert not list(root.rglob("hacked"))


class Faulty:
    """A stranger's wrapper that breaks its promises."""

    name = "faulty"

    def claims(self, path):
        return path.suffix == ".faulty"

    def read(self, path, sink):
        sink.metric(path.stem, 1)
        raise AssertionError("my\nfault")


faulty = Faulty()


def test_no_stranger_s_wrapper_stops_a_commit(repository, root, monkeypatch) -> None:
    """Neither one that fails, nor one that cannot be loaded; each is one line."""
    monkeypatch.setitem(sys.modules, "strangers", sys.modules[__name__])
    wrappers = {"faulty": "strangers:faulty", "absent": "no_such_package:wrapper"}
    monkeypatch.setattr("modelhub.wrappers.readers.WRAPPERS", Registry("modelhub.nobody", wrappers))
    (root / "log.faulty").write_text("1")
    done = commit(repository, "net", paths=[root / "log.faulty"])
    absent, failed = done.notes
    assert "'absent' needs no_such_package" in absent
    assert failed.endswith("log.faulty is kept, and was not understood (AssertionError: my fault)")


def test_long_histories_are_thinned() -> None:
    """Evenly; a short one is kept as it is."""
    points = [(float(i), float(i)) for i in range(450_000)]
    training = Training(hyperparameters={}, metrics={}, history={"loss": points})
    kept = json.loads(training.history_bytes() or b"")["metrics"]["loss"]
    assert len(kept) == 150_000
    assert Training(hyperparameters={}, metrics={}, history={}).history_bytes() is None
