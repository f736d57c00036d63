import pytest
from click.testing import CliRunner

from modelhub.cli.application import application, run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell: str) -> None:
    """It calls dlv back with click's variable."""
    result = CliRunner().invoke(application, ["completion", shell])

    assert result.exit_code == 0
    assert f"_DLV_COMPLETE={shell}_complete" in result.output


def test_another_shell_is_refused() -> None:
    """The ones that there are are named."""
    result = CliRunner().invoke(application, ["completion", "tcsh"])

    assert result.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in result.output


def test_without_a_shell_the_choices_stand_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """click puts each on a line of its own."""
    assert run(["completion"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "Choose from: bash, zsh, fish" in line


def completions(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    monkeypatch.setenv("_DLV_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    assert run([]) == 0
    return [line.removeprefix("plain,") for line in capsys.readouterr().out.split()]


def test_commands_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the table alone."""
    assert completions("dlv co", monkeypatch, capsys) == ["config", "commit", "copy", "completion"]


def test_options_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command's own module."""
    assert completions("dlv version --j", monkeypatch, capsys) == ["--json"]
