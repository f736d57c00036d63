"""Caffe's logs."""

import pytest

from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.caffe import wrapper as caffe

LOG = """\
Log file created at: 2015/05/29 16:33:06
Running on machine: host
Log line format: [IWEF]mmdd hh:mm:ss.uuuuuu threadid file:line] msg
I0529 16:33:06.123456  4242 caffe.cpp:113] Use GPU with device ID 0
I0529 16:33:06.223456  4242 solver.cpp:32] Initializing solver from parameters:
test_iter: 100
base_lr: 0.01
display: 100
max_iter: 10000
lr_policy: "inv"
gamma: 0.0001
momentum: 0.9
weight_decay: 0.0005
I0529 16:33:07.000000  4242 solver.cpp:266] Iteration 0, Testing net (#0)
I0529 16:33:07.100000  4242 solver.cpp:315]     Test net output #0: accuracy = 0.1121
I0529 16:33:07.100001  4242 solver.cpp:315]     Test net output #1: loss = 2.31 (* 1 = 2.31 loss)
I0529 16:33:07.200000  4242 solver.cpp:189] Iteration 0, loss = 2.3
I0529 16:33:07.200001  4242 solver.cpp:204]     Train net output #0: loss = 2.3 (* 1 = 2.3 loss)
I0529 16:33:07.200002  4242 solver.cpp:464] Iteration 0, lr = 0.01
I0529 16:33:09.200000  4242 solver.cpp:228] Iteration 100 (50.2 iter/s, 2s/100 iters), loss = 0.2
I0529 16:33:09.200001  4242 sgd_solver.cpp:106] Iteration 100, lr = 9.9e-03
I0529 16:33:10.000000  4242 solver.cpp:228] Iteration 200, loss = nan
"""


def write(folder, text, name="train.log"):
    path = folder / name
    path.write_text(text)
    return path


class TestCaffeLog(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return caffe

    def make_files(self, folder):
        names = ("train.log", "caffe.host.user.log.INFO.20150529-163306.4242", "log")
        return [write(folder, LOG, name) for name in names]


def test_a_log_of_training(tmp_path):
    """Loss, learning rate and outputs by iteration, and what the solver was set to."""
    sink = Recording()
    caffe.read(write(tmp_path, LOG), sink)
    assert sink.history["loss"][:2] == [(0, 2.3), (100, 0.2)]
    assert str(sink.history["loss"][2]) == "(200.0, nan)"
    assert sink.history["lr"] == [(0, 0.01), (100, 0.0099)]
    assert sink.history["test_accuracy"] == [(0, 0.1121)]
    assert sink.history["test_loss"] == [(0, 2.31)]
    assert sink.history["train_loss"] == [(0, 2.3)]
    assert sink.hyperparameters["base_lr"] == 0.01
    assert sink.hyperparameters["lr_policy"] == "inv"
    assert sink.hyperparameters["max_iter"] == 10_000


def test_who_only_speaks_of_caffe_is_no_log(tmp_path):
    """A text in which the word stands."""
    assert not caffe.claims(write(tmp_path, "How we use Caffe: solver.cpp, Iteration 3\n", "a.txt"))
    assert not caffe.claims(write(tmp_path, LOG, "train.py"))


def test_long_lines_take_little_time(tmp_path):
    """Of a line, only the beginning is looked at."""
    sink = Recording()
    caffe.read(write(tmp_path, LOG + "Iteration 1 " * 80_000 + "\n"), sink)
    assert len(sink.history["loss"]) == 3


@pytest.mark.parametrize(
    "end", ["Iteration 300, loss = 0.", "Iteration 300, lr = 1e-", "gamma: 0."]
)
def test_a_line_that_is_being_written_is_left_out(tmp_path, end):
    """Half of a number would be another number."""
    whole, cut = Recording(), Recording()
    caffe.read(write(tmp_path, LOG), whole)
    caffe.read(write(tmp_path, LOG + end), cut)
    assert repr(vars(cut)) == repr(vars(whole))


def test_an_iteration_that_cannot_be(tmp_path):
    """It is not taken for one."""
    sink = Recording()
    caffe.read(write(tmp_path, f"Iteration {'9' * 400}, loss = 1\n"), sink)
    assert sink.history == {"loss": [(0, 1)]}
