"""CSV logs, as loggers write them."""

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.csv import wrapper as csv_log

LIGHTNING = """\
epoch,lr-SGD,step,train_loss,val_acc,val_loss
,0.1,0,,,
0,,9,0.693,,
0,,9,,0.85,0.41
1,,19,0.25,,
1,,19,,0.9,0.3
"""
KERAS = "\ufeffepoch,accuracy,loss\r\n0,0.5,0.69\r\n1,0.75,0.4\r\n"
TABS = "step\tloss\tacc\n1\t0.5\t\n2\t\t0.75\n"


def write(folder, text, name="metrics.csv"):
    path = folder / name
    path.write_bytes(text.encode())
    return path


def read(path):
    sink = Recording()
    csv_log.read(path, sink)
    return sink


class TestCsvLog(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return csv_log

    def make_files(self, folder):
        return [
            write(folder, LIGHTNING),
            write(folder, KERAS, "log.csv"),
            write(folder, TABS, "log.tsv"),
        ]


def test_lightning(tmp_path):
    """A row holds some of the columns; the learning rate is kept."""
    sink = read(write(tmp_path, LIGHTNING))
    assert sink.history["train_loss"] == [(9, 0.693), (19, 0.25)]
    assert sink.history["val_acc"] == [(9, 0.85), (19, 0.9)]
    assert sink.history["lr-SGD"] == [(0, 0.1)]
    assert sink.history["epoch"] == [(9, 0), (9, 0), (19, 1), (19, 1)]


def test_keras(tmp_path):
    """The epoch is the step; the mark of the order of bytes is no part of a name."""
    sink = read(write(tmp_path, KERAS))
    assert sink.history == {"accuracy": [(0, 0.5), (1, 0.75)], "loss": [(0, 0.69), (1, 0.4)]}


def test_empty_cells_between_tabs(tmp_path):
    """They do not move the others."""
    sink = read(write(tmp_path, "loss\tstep\tacc\n\t1\t0.5\n0.25\t2\t\n", "log.tsv"))
    assert sink.history == {"acc": [(1, 0.5)], "loss": [(2, 0.25)]}


def test_a_row_that_is_being_written_is_left_out(tmp_path):
    """Half of a number would be another number."""
    sink = read(write(tmp_path, "step,loss\n1,0.5\n2,0.2"))
    assert sink.history == {"loss": [(1, 0.5)]}


@pytest.mark.parametrize("end", ['2,"0.', '2,"a\nb', '2,"a\nb"', '2,"a', "2", ""])
def test_a_row_that_is_being_written_is_no_damage(tmp_path, end):
    """Not even in a quoted cell of several lines."""
    assert read(write(tmp_path, f"step,loss\n1,0.5\n{end}")).history == {"loss": [(1, 0.5)]}
    assert read(write(tmp_path, "step,lo")).metrics == {}


def test_quoted_cells(tmp_path):
    """They may hold commas and ends of lines."""
    sink = read(write(tmp_path, 'step,note,loss\n1,"a, b\nc",0.5\n'))
    assert sink.history == {"loss": [(1, 0.5)]}


@pytest.mark.parametrize(
    "text",
    [
        "step,loss\n,0.5\n",
        'step,loss\n1,"0.5\n',
        'step,loss\n1,"a"b\n',
        "step,loss\n1," + "x" * 200_000 + "\n",
    ],
)
def test_what_is_no_csv_is_damage(tmp_path, text):
    """A row without a step, quotes that do not end, cells without end."""
    with pytest.raises(DamagedFileError):
        read(write(tmp_path, text))


def test_other_tables_are_no_logs(tmp_path):
    """Without a step and a number beside it."""
    for text in ("name,age\nx,3\n", "step\n1\n", "step,name\nx,y\n", "", '"'):
        assert not csv_log.claims(write(tmp_path, text)), text
