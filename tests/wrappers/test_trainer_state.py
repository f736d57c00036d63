"""Hugging Face's trainer_state.json."""

import json

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.trainer_state import wrapper as trainer_state

STATE = {
    "best_metric": 0.912,
    "best_model_checkpoint": "out/checkpoint-20",
    "epoch": 2.0,
    "global_step": 20,
    "is_world_process_zero": True,
    "log_history": [
        {"epoch": 1.0, "grad_norm": 1.5, "learning_rate": 5e-05, "loss": 0.693, "step": 10},
        {"epoch": 1.0, "eval_accuracy": 0.85, "eval_loss": 0.4, "step": 10},
        {"epoch": 2.0, "learning_rate": 0.0, "loss": 0.2, "note": "text", "ok": True, "step": 20},
        {"total_flos": 1.5e15, "train_loss": 0.45, "step": 20},
    ],
    "max_steps": 20,
}


def write(folder, state):
    path = folder / "trainer_state.json"
    path.write_text(state if isinstance(state, str) else json.dumps(state, indent=2))
    return path


class TestTrainerState(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return trainer_state

    def make_files(self, folder):
        return [write(folder, STATE)]


def test_what_a_trainer_logged(tmp_path):
    """Every number at its step, the learning rate among them, and the best metric."""
    sink = Recording()
    trainer_state.read(write(tmp_path, STATE), sink)
    assert sink.history["loss"] == [(10, 0.693), (20, 0.2)]
    assert sink.history["learning_rate"] == [(10, 5e-05), (20, 0.0)]
    assert sink.history["eval_accuracy"] == [(10, 0.85)]
    assert sink.history["train_loss"] == [(20, 0.45)]
    assert sink.metrics["best_metric"] == 0.912
    assert not {"note", "ok", "step", "best_metric"} & set(sink.history)


def test_numbers_that_json_does_not_have(tmp_path):
    """Python writes NaN; a step that is none is no step."""
    sink = Recording()
    raw = '{"log_history": [{"step": NaN, "loss": NaN}, {"step": "7", "loss": 1}]}'
    trainer_state.read(write(tmp_path, raw), sink)
    assert sink.history == {"loss": [(7.0, 1.0)]}
    assert sink.metrics["loss"] == 1


@pytest.mark.parametrize(
    "raw",
    ["", "[]", "{", '{"log_history": 3}', '{"log_history": [3]}', "[" * 100_000, "\udcff",
     '{"log_history": [{"step": ' + "9" * 5000 + "}]}"],
)  # fmt: skip
def test_what_is_no_trainer_state(tmp_path, raw):
    """It is damaged: the name leaves no doubt."""
    path = tmp_path / "trainer_state.json"
    path.write_bytes(raw.encode("utf-8", "surrogateescape"))
    with pytest.raises(DamagedFileError):
        trainer_state.read(path, Recording())


def test_it_has_no_limit_of_history_but_its_size(tmp_path):
    """A state without a history says only its best metric."""
    sink = Recording()
    trainer_state.read(write(tmp_path, {"best_metric": 1}), sink)
    assert (sink.metrics, sink.history) == ({"best_metric": 1.0}, {})
