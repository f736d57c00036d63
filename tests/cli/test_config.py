import json
import tomllib
from pathlib import Path

import pytest

from modelhub.cli.application import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's folder; the working folder is in it."""
    made = tmp_path / "work" / ".dlv"
    (made / "tmp").mkdir(parents=True)
    monkeypatch.chdir(made.parent)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    for name in ("DLV_DIR", "DLV_JOBS"):
        monkeypatch.delenv(name, raising=False)
    return made


def answer(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert run(["config", *arguments]) == status
    shown = capsys.readouterr()
    return shown.err if status else shown.out


def test_a_value_is_set_shown_and_unset(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The repository's file by default; nothing is left beside it."""
    assert answer(capsys, "user.name", "Ada L") == ""
    assert tomllib.loads((folder / "config").read_text()) == {"user": {"name": "Ada L"}}
    assert answer(capsys, "user.name") == "Ada L\n"
    assert answer(capsys, "--unset", "user.name") == ""
    assert answer(capsys, "user.name") == "\n"
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("option", "place"), [("--global", "home/dlv/config"), ("--local", "work/.dlv/config.local")]
)
def test_where_a_value_is_written(
    tmp_path: Path, option: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--global is the user's file, --local this machine's."""
    answer(capsys, option, "core.jobs", "3")

    assert tomllib.loads((tmp_path / place).read_text()) == {"core": {"jobs": 3}}
    found = json.loads(answer(capsys, "core.jobs", "--json"))
    assert found == {
        "key": "core.jobs",
        "value": 3,
        "origin": str(tmp_path / place),
        "meaning": "threads that work at once; 0 takes all cores",
    }


def test_all_settings_say_where_they_come_from(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row for each key, whoever set it."""
    monkeypatch.setenv("DLV_JOBS", "5")
    answer(capsys, "user.name", "Ada")

    rows = {row["key"]: row["origin"] for row in json.loads(answer(capsys, "--json"))}

    assert rows["user.name"] == str(folder / "config")
    assert rows["core.jobs"] == "$DLV_JOBS"
    assert rows["best.mode"] == "default"
    assert answer(capsys, "-q").split() == list(rows)


def test_a_slip_in_a_file_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list goes to stdout, the warning to stderr."""
    (folder / "config").write_text("user.namm = 'x'\n")

    assert run(["config"]) == 0
    shown = capsys.readouterr()
    assert "did you mean user.name" in shown.err
    assert "user.namm " not in shown.out


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["user.namm"], 3, "no setting is called 'user.namm'; did you mean user.name"),
        (["core.jobs", "many"], 1, "core.jobs is a whole number from 0 on, not 'many'"),
        (["--unset"], 2, "--unset takes a KEY and no VALUE"),
        (["--unset", "user.name", "x"], 2, "--unset takes a KEY and no VALUE"),
    ],
)
def test_wrong_settings(
    folder: Path,
    arguments: list[str],
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line, and nothing is written."""
    assert message in answer(capsys, *arguments, status=status)
    assert not (folder / "config").exists()


@pytest.mark.usefixtures("folder")
def test_outside_of_a_repository(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the user's settings can change there."""
    monkeypatch.chdir(tmp_path)

    assert "start one with: dlv init" in answer(capsys, "user.name", "Ada", status=3)
    assert answer(capsys, "--global", "user.name", "Ada") == ""
    assert answer(capsys, "user.name") == "Ada\n"
