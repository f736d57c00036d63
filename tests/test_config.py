import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.config import (
    KEYS,
    Key,
    Settings,
    checked,
    from_text,
    global_file,
    local_file,
    project_file,
    read_environment,
    read_settings,
    repository_folder,
    settle_keras_backend,
    user_folder,
)
from modelhub.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work" / ".dlv"
    made.mkdir(parents=True)
    return made


def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path / "home")}


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_without_files_every_setting_has_its_default(folder: Path) -> None:
    """Defaults come from the table of keys, and say so."""
    settings = read_settings(folder, {})

    assert {name: settings[name] for name in KEYS} == {k.name: k.default for k in KEYS.values()}
    assert set(settings.origins.values()) == {"default"}


def test_each_key_is_a_field_of_the_settings() -> None:
    """The table of keys and the fields of the dataclass are the same."""
    fields = [name for name in Settings.__dataclass_fields__ if name not in {"origins", "warnings"}]

    assert [name.replace(".", "_") for name in KEYS] == fields


def test_nearer_files_win(tmp_path: Path, folder: Path) -> None:
    """Local wins over project, project over global; origins say which did."""
    environment = home(tmp_path)
    everywhere = global_file(environment)
    assert everywhere is not None
    write(everywhere, '[user]\nname = "g"\nemail = "g"\n[best]\nmetric = "g"\n')
    write(project_file(folder), '[user]\nname = "p"\nemail = "p"\n')
    write(local_file(folder), '[user]\nname = "l"\n')

    settings = read_settings(folder, environment)

    assert (settings.user_name, settings.user_email, settings.best_metric) == ("l", "p", "g")
    assert settings.origins["user.name"] == str(local_file(folder))
    assert settings.origins["user.email"] == str(project_file(folder))
    assert settings.origins["best.metric"] == str(everywhere)


def test_a_variable_wins_over_all_files(folder: Path) -> None:
    """DLV_JOBS overrides core.jobs, and is named as the origin."""
    write(local_file(folder), "core.jobs = 3\n")

    settings = read_settings(folder, {"DLV_JOBS": "7"})

    assert settings.core_jobs == 7
    assert settings.origins["core.jobs"] == "$DLV_JOBS"
    assert read_settings(folder, {"DLV_JOBS": ""}).core_jobs == 3


def test_outside_of_a_repository_only_the_users_settings_hold(tmp_path: Path) -> None:
    """No repository folder means no project file."""
    write(tmp_path / "home/dlv/config", '[user]\nname = "Ada"\n')

    assert read_settings(None, home(tmp_path)).user_name == "Ada"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[user]\nname = 3\n", "user.name is a text in quotes, not 3"),
        ('gc.grace_days = "x"\n', "gc.grace_days is a whole number from 0 on, not 'x'"),
        ("gc.grace_days = -1\n", "gc.grace_days is a whole number from 0 on, not -1"),
        ("gc.grace_days = true\n", "gc.grace_days is a whole number"),
        ('best.mode = "least"\n', "best.mode is one of min, max, auto, not 'least'"),
        ("name = \n", "is not valid TOML: .* line 1"),
        ("a = " + "[" * 100_000, "is nested too deep"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(folder: Path, text: str, message: str) -> None:
    """One line says the file, the key and the rule."""
    write(project_file(folder), text)

    with pytest.raises(InputError, match=message) as caught:
        read_settings(folder, {})
    assert str(project_file(folder)) in str(caught.value)


def test_a_settings_file_that_is_none(folder: Path) -> None:
    """Binary, huge, and folders are refused before they are parsed."""
    project_file(folder).write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="is not UTF-8 at byte 0"):
        read_settings(folder, {})
    project_file(folder).write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(InputError, match="more than 1,048,576 bytes"):
        read_settings(folder, {})
    project_file(folder).unlink()
    project_file(folder).mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_settings(folder, {})


@pytest.mark.parametrize("text", ["-1", "1.5", "x", "²", "99999999999999999999", ""])
def test_a_variable_that_is_no_number(text: str) -> None:
    """The variable is named, and nothing is guessed."""
    with pytest.raises(InputError, match=r"\$DLV_JOBS: core.jobs is a whole number"):
        from_text(KEYS["core.jobs"], text, "$DLV_JOBS")


def test_an_unknown_key_in_a_file_is_warned_of(folder: Path) -> None:
    """A later version's key does not stop this one; a slip is told."""
    write(project_file(folder), 'top = 1\n[user]\nnmae = "x"\n')

    settings = read_settings(folder, {})

    assert len(settings.warnings) == 2
    assert "'user.nmae'; did you mean user.name or user.email?" in settings.warnings[1]


@pytest.mark.parametrize("text", ["1", "on", "YES", " True "])
def test_variables_that_are_true(text: str) -> None:
    """Four words, in any case."""
    assert read_environment({"DLV_DEBUG": text}).is_debugging


@pytest.mark.parametrize("text", ["", "0", "off", "no", "2"])
def test_variables_that_are_false(text: str) -> None:
    """Everything else is false."""
    assert not read_environment({"DLV_NO_PROGRESS": text}).is_progress_off


def test_the_users_file() -> None:
    """A relative XDG_CONFIG_HOME is ignored, as its specification demands."""
    assert global_file({"XDG_CONFIG_HOME": "/x"}) == Path("/x/dlv/config")
    assert global_file({"XDG_CONFIG_HOME": "x", "HOME": "/h"}) == Path("/h/.config/dlv/config")
    assert global_file({}) is None
    assert user_folder({"XDG_CONFIG_HOME": "/x"}) == Path("/x/dlv")
    assert read_environment({"DLV_TOKEN": " mh_x\n"}).token == "mh_x"


def test_the_nearest_repository_is_found(folder: Path) -> None:
    """Folders above are looked at, and DLV_DIR wins over them."""
    below = folder.parent / "a" / "b"
    below.mkdir(parents=True)

    assert repository_folder(below, {}) == folder
    assert repository_folder(below, {"DLV_DIR": "/else/.dlv"}) == Path("/else/.dlv")
    assert repository_folder(Path("/"), {}) is None
    with pytest.raises(InputError, match=r"\$DLV_DIR is '/else'"):
        repository_folder(below, {"DLV_DIR": "/else"})


@given(st.none() | st.booleans() | st.floats() | st.lists(st.integers(), max_size=2))
def test_only_texts_and_whole_numbers_are_values(value: object) -> None:
    """Other TOML types are refused for every key."""
    for key in (*KEYS.values(), Key(name="a.b", doc="", default="", choices=("x",))):
        with pytest.raises(InputError, match=json.dumps(key.name)[1:-1]):
            checked(key, value, "here")


def test_keras_computes_with_what_is_installed(tmp_path) -> None:
    """What the user says counts; else a backend that is there."""
    said = {"KERAS_BACKEND": "jax"}
    settle_keras_backend(said)
    found = {"KERAS_HOME": str(tmp_path)}
    settle_keras_backend(found)

    assert said == {"KERAS_BACKEND": "jax"}
    assert find_spec(found["KERAS_BACKEND"]) is not None
