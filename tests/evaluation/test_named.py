"""Functions by name."""

import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation.named import is_named, load_named, told


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "mine_named.py").write_text("number = 1\ndef one():\n    return 1\n")
    (tmp_path / "broken_named.py").write_text("raise RuntimeError('no\\nway')\n")
    (tmp_path / "lacking_named.py").write_text("import no_such_module_named\n")


@pytest.mark.usefixtures("module")
def test_functions_of_the_current_folder() -> None:
    """A module that is no package is found."""
    assert load_named("mine_named:one")() == 1


@pytest.mark.usefixtures("module")
@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("mine_named:two", NotFoundError, "has no 'two'"),
        ("mine_named:number", InputError, "cannot be called"),
        ("nobody_named:one", NotFoundError, "no module 'nobody_named'"),
        ("broken_named:one", InputError, "RuntimeError: no way"),
        ("lacking_named:one", InputError, "no_such_module_named"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(name, error, message) -> None:
    """The user's mistakes are no tracebacks."""
    with pytest.raises(error, match=message) as raised:
        load_named(name)
    assert "\n" not in str(raised.value)


def test_a_file_is_no_function(tmp_path, monkeypatch) -> None:
    """A file that is there is a file, whatever its name."""
    monkeypatch.chdir(tmp_path)
    assert is_named("a:b")
    (tmp_path / "a:b").touch()
    assert not is_named("a:b")
    assert told(ValueError("a\n b")) == "ValueError: a b"
