"""The process begins."""

import pytest

from modelhub.cli import start


def interrupted(name: str) -> None:
    raise KeyboardInterrupt(name)


def test_ctrl_c_while_the_command_line_is_loaded(monkeypatch, capsys) -> None:
    """One line and status 130, as later."""
    monkeypatch.setattr(start, "import_module", interrupted)
    with pytest.raises(SystemExit) as caught:
        start.main([])
    assert caught.value.code == 130
    assert capsys.readouterr().err == "dlv: interrupted\n"


def test_the_status_of_a_command_is_that_of_the_process(capsys) -> None:
    """And arguments are those that are given."""
    with pytest.raises(SystemExit) as caught:
        start.main(["nonsense"])
    assert caught.value.code == 2
    assert "no command is called 'nonsense'" in capsys.readouterr().err
