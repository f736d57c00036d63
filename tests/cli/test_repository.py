from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from modelhub.cli.application import application, run
from modelhub.cli.repository import pass_repository
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.repository import Repository


@pytest.fixture
def roots(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The roots of the repositories that the command `where` was given."""
    seen = []

    @click.command()
    @click.argument("word")
    @pass_repository(Metadata)
    def where(repository: Metadata, word: str) -> None:
        seen.append(repository.root)
        click.echo(word)

    monkeypatch.setitem(application.commands, "where", where)
    monkeypatch.delenv("DLV_DIR", raising=False)
    return seen


def test_a_command_gets_the_nearest_repository(
    roots: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of a folder above, and its own arguments behind it."""
    Repository.init(tmp_path / "one").close()
    below = tmp_path / "one" / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)

    assert CliRunner().invoke(application, ["where", "here"]).output == "here\n"
    assert roots == [tmp_path / "one"]


def test_a_variable_names_another_repository(
    roots: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DLV_DIR wins wherever one stands."""
    Repository.init(tmp_path / "one").close()
    monkeypatch.setenv("DLV_DIR", str(tmp_path / "one" / ".dlv"))
    monkeypatch.chdir("/")

    assert run(["where", "there"]) == 0
    assert roots == [tmp_path / "one"]


def test_without_a_repository_the_way_out_is_told(
    roots: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line, and the command is not called."""
    monkeypatch.chdir(tmp_path)

    assert run(["where", "x"]) == 3
    assert capsys.readouterr().err == (
        f"dlv: {tmp_path} is not in a repository (no .dlv here or above); "
        "start one with: dlv init\n"
    )
    assert roots == []
