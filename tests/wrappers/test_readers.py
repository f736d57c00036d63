"""All wrappers, and strangers' among them."""

import os
import sys
from pathlib import Path

import pytest

from modelhub.errors import DamagedFileError
from modelhub.plugins import Registry
from modelhub.wrappers import WRAPPERS, Recording, extract, unloaded, wrapper_of

STRANGER = """
class Wrapper:
    name = "stranger"

    def claims(self, path):
        return path.suffix == ".strange"

    def read(self, path, sink):
        sink.metric("loss", float(path.read_text()), step=1)


wrapper = Wrapper()
"""


def test_one_wrapper_reads_a_file(tmp_path):
    """Its name is told; a file that nobody knows is passed over."""
    (tmp_path / "a.yaml").write_text("lr: 0.1\n")
    (tmp_path / "a.txt").write_text("lr: 0.1\n")
    sink = Recording()
    assert extract(tmp_path / "a.yaml", sink) == "settings"
    assert sink.hyperparameters == {"lr": 0.1}
    assert extract(tmp_path / "a.txt", Recording()) is None
    assert extract(tmp_path / "absent.csv", Recording()) is None


def test_every_wrapper_bears_its_name():
    """The one that it is listed by."""
    for name in WRAPPERS:
        assert WRAPPERS.get(name).name == name


def test_one_wrapper_claims_a_file(tmp_path):
    """No two of ours want the same."""
    log = tmp_path / "events.out.tfevents.1.host"
    golden = Path(__file__).parents[1] / "data" / "logs" / "events.out.tfevents.1700000000.host"
    log.write_bytes(golden.read_bytes())
    files = {
        "trainer_state.json": "{}",
        "history.json": "{}",
        "config.json": "{}",
        "args.txt": "--a 1",
        "metrics.csv": "step,loss\n1,2\n",
        "metrics.jsonl": '{"step": 1, "loss": 2}\n',
        "a.yaml": "a: 1",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for name in [*files, log.name]:
        assert sum(WRAPPERS.get(each).claims(tmp_path / name) for each in WRAPPERS) == 1, name


def test_a_stranger_s_wrapper_is_found(tmp_path, monkeypatch):
    """By the entry point of an installed package."""
    (tmp_path / "strangers.py").write_text(STRANGER)
    info = tmp_path / "strangers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[modelhub.wrappers]\nstranger = strangers:wrapper\ncsv = strangers:wrapper\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    registry = Registry("modelhub.wrappers", {"csv": "modelhub.wrappers.csv:wrapper"})
    assert list(registry) == ["csv", "stranger"]
    assert registry.get("csv").name == "csv", "ours win"
    monkeypatch.setattr("modelhub.wrappers.readers.WRAPPERS", registry)
    (tmp_path / "log.strange").write_text("0.5")
    sink = Recording()
    assert extract(tmp_path / "log.strange", sink) == "stranger"
    assert sink.history == {"loss": [(1, 0.5)]}
    sys.modules.pop("strangers")


def test_a_pipe_is_not_waited_for(tmp_path):
    """Whatever its name says."""
    for name in ("config.json", "a.log", "a.csv", "events.out.tfevents.1", "history.json"):
        os.mkfifo(tmp_path / name)
        assert extract(tmp_path / name, Recording()) is None


def test_what_cannot_be_loaded_claims_nothing(tmp_path, monkeypatch):
    """The others go on; which package is missing is told."""
    registry = Registry(
        "modelhub.nobody",
        {"absent": "no_such_package:wrapper", "settings": "modelhub.wrappers.settings:wrapper"},
    )
    monkeypatch.setattr("modelhub.wrappers.readers.WRAPPERS", registry)
    (tmp_path / "a.yaml").write_text("lr: 0.1\n")
    assert wrapper_of(tmp_path / "a.yaml") == "settings"
    assert wrapper_of(tmp_path / "a.csv") is None
    (line,) = unloaded()
    assert "'absent' needs no_such_package" in line


def test_damage_is_told(tmp_path):
    """Which file, and what is wrong with it."""
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(DamagedFileError, match=r"config\.json is not valid json"):
        extract(tmp_path / "config.json", Recording())
