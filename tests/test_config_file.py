import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.config import KEYS, project_file, read_settings
from modelhub.config_file import set_value, unset_value
from modelhub.errors import InputError, NotFoundError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work" / ".dlv"
    made.mkdir(parents=True)
    return made


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_setting_a_value_keeps_comments(folder: Path) -> None:
    """Only the one value changes; the rest of the file stays byte for byte."""
    path = project_file(folder)
    write(path, '# ours\n[user]  # people\nname = "Old"  # who\n\n[other]\nx = 1\n')

    set_value(path, "user.name", "Ada")

    text = path.read_text()
    assert text == '# ours\n[user]  # people\nname = "Ada"  # who\n\n[other]\nx = 1\n'
    set_value(path, "gc.grace_days", "30")
    assert path.read_text().startswith(text)
    assert tomllib.loads(path.read_text())["gc"] == {"grace_days": 30}
    assert sorted(each.name for each in folder.iterdir()) == ["config"]


def test_unsetting_takes_one_line_away(folder: Path) -> None:
    """What was not set cannot be unset."""
    path = project_file(folder)
    write(path, '[user]\n# who\nname = "Ada"\nemail = "a@b"\n')

    unset_value(path, "user.name")

    assert path.read_text() == '[user]\n# who\nemail = "a@b"\n'
    with pytest.raises(NotFoundError, match=r"does not set user\.name"):
        unset_value(path, "user.name")
    with pytest.raises(NotFoundError, match=r"does not set best\.mode"):
        unset_value(path, "best.mode")


@given(st.lists(st.tuples(st.sampled_from(sorted(KEYS)), st.text(max_size=8)), max_size=4))
def test_what_is_set_is_read(tmp_path_factory: pytest.TempPathFactory, pairs) -> None:
    """Any text that a setting accepts is the value afterwards, whatever is in it."""
    folder = tmp_path_factory.mktemp("any")
    wanted = {}
    for name, text in pairs:
        key = KEYS[name]
        value = text if isinstance(key.default, str) and not key.choices else "12"
        value = "max" if key.choices else value
        wanted[name] = set_value(project_file(folder), name, value)

    settings = read_settings(folder, {})

    assert {name: settings[name] for name in wanted} == wanted


def test_a_wrong_value_leaves_the_file_alone(folder: Path) -> None:
    """The value is checked before anything is written."""
    path = project_file(folder)
    with pytest.raises(InputError, match=r"the command line: best.mode is one of"):
        set_value(path, "best.mode", "up")
    with pytest.raises(NotFoundError, match=r"did you mean best\.mode"):
        set_value(path, "best.mod", "min")
    assert not path.exists()


def test_a_value_where_a_table_must_be(folder: Path) -> None:
    """A file that uses a table's name for something else is not twisted."""
    path = project_file(folder)
    write(path, "user = 3\n")

    with pytest.raises(InputError, match="user is no table"):
        set_value(path, "user.name", "Ada")


def test_a_link_to_a_settings_file_stays_a_link(tmp_path: Path) -> None:
    """The file behind the link is replaced, as for dotfiles under version control."""
    real = tmp_path / "dotfiles" / "dlv"
    write(real, "")
    link = tmp_path / "home" / "dlv" / "config"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)

    set_value(link, "user.name", "Ada")

    assert link.is_symlink()
    assert tomllib.loads(real.read_text()) == {"user": {"name": "Ada"}}


def test_two_processes_that_set_at_once_lose_nothing(folder: Path) -> None:
    """Each of many writers finds the others' values."""
    program = (
        "import sys; from pathlib import Path; from modelhub.config_file import set_value\n"
        "for n in range(20): set_value(Path(sys.argv[1]), sys.argv[2], str(n))"
    )
    path = str(project_file(folder))
    running = [
        subprocess.Popen([sys.executable, "-c", program, path, key])
        for key in ("user.name", "best.metric")
    ]

    assert [each.wait() for each in running] == [0, 0]
    assert tomllib.loads(project_file(folder).read_text()) == {
        "user": {"name": "19"},
        "best": {"metric": "19"},
    }


def test_a_text_that_is_not_unicode_is_refused(folder: Path) -> None:
    """Bytes of the command line that are not UTF-8 cannot stand in TOML."""
    with pytest.raises(InputError, match=r"user\.name is not UTF-8"):
        set_value(project_file(folder), "user.name", "a\udcff")
