"""Arguments of scripts, as they are printed."""

import argparse

import pytest

from modelhub.errors import DamagedFileError
from modelhub.testing import WrapperContract
from modelhub.wrappers import Recording
from modelhub.wrappers.arguments import wrapper as arguments

NAMESPACE = argparse.Namespace(
    lr=1e-4, epochs=3, name="a 'b'", layers=[1, 2], amp=True, resume=None, device=object
)
OPTIONS = """\
--lr 1e-4 --momentum=-0.9
--layers 1 2 3   # three of them
--name 'two words' --amp --offset -5
"""


def write(folder, text, name="args.txt"):
    path = folder / name
    path.write_text(text)
    return path


def read(path):
    sink = Recording()
    arguments.read(path, sink)
    return sink.hyperparameters


class TestArguments(WrapperContract):
    """Our wrapper keeps the contract."""

    @pytest.fixture
    def wrapper(self):
        return arguments

    def make_files(self, folder):
        return [write(folder, f"{NAMESPACE}\n"), write(folder, OPTIONS, "opt.txt")]


def test_a_printed_namespace(tmp_path):
    """Literals are values, anything else is text."""
    text = f"{NAMESPACE}".removesuffix(")") + ", cpu=torch.device('cpu'), shown='<a>')"
    assert read(write(tmp_path, text)) == {
        "lr": 1e-4,
        "epochs": 3,
        "name": "a 'b'",
        "layers": [1, 2],
        "amp": True,
        "resume": None,
        "device": "<class 'object'>",
        "cpu": "torch.device('cpu')",
        "shown": "<a>",
    }


def test_options(tmp_path):
    """One without a value is true, one with several is a list, numbers may be below zero."""
    assert read(write(tmp_path, OPTIONS)) == {
        "lr": 1e-4,
        "momentum": -0.9,
        "layers": [1, 2, 3],
        "name": "two words",
        "amp": True,
        "offset": -5,
    }


def test_nothing_is_evaluated(tmp_path, monkeypatch):
    """A call stays a text."""
    monkeypatch.chdir(tmp_path)
    call = "__import__('os').system('touch hacked')"
    assert read(write(tmp_path, f"Namespace(x={call})")) == {"x": call}
    assert read(write(tmp_path, f'--x "{call}"')) == {"x": call}
    assert not (tmp_path / "hacked").exists()


@pytest.mark.parametrize(
    "text",
    ["Namespace(", "Namespace(a=1) b", "Namespace(a=<object at 0x7f>", "--a 'b",
     "Namespace(a=" + "(" * 100_000, "Namespace(a=" + "-" * 100_000 + "1)",
     "Namespace(a=" + "1+" * 30_000 + "1)", "--a " + "x" * 2_000_000],
)  # fmt: skip
def test_what_cannot_be_understood_is_damage(tmp_path, text):
    """However deep it is nested."""
    with pytest.raises(DamagedFileError):
        read(write(tmp_path, text))


def test_values_that_are_nearly_python(tmp_path):
    """They are texts."""
    text = "--a '{[]: 1}' --b '1 + ' --c '\\d' --d " + "(" * 900 + " --e 2024-01-01"
    found = read(write(tmp_path, text))
    wanted = {"a": "{[]: 1}", "b": "1 + ", "c": "\\d", "d": "(" * 900, "e": "2024-01-01"}
    assert found == wanted


def test_other_texts_are_not_claimed(tmp_path):
    """The name alone is not enough."""
    assert not arguments.claims(write(tmp_path, "hello"))
    assert not arguments.claims(write(tmp_path, "--a 1", "notes.txt"))
