"""Settings: what is known, what it means, and which file or variable said it.

Nearer files win: `.dlv/config.local`, then `.dlv/config`, then `$XDG_CONFIG_HOME/dlv/config`.
A variable of the environment wins over all files.
"""

import difflib
import json
import os
import tomllib
from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from modelhub import durable
from modelhub.errors import InputError, NotFoundError

FOLDER = ".dlv"  # docs/spec/repository.md §1
MAX_BYTES = 1 << 20  # of a settings file
DEFAULT = "default"
# What Keras can compute with, the one that it takes by itself first; packages of these names.
KERAS_BACKENDS = ("tensorflow", "torch", "jax")

Value = str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A setting that exists.

    Attributes:
        name: as in `dlv config NAME`: the table and the key of the file.
        doc: what it does, for help and for the manual.
        default: its value if nobody says one; its type is the setting's type.
        choices: the only possible texts; any text if empty.
        variable: the environment variable that wins over the files, or none.
    """

    name: str
    doc: str
    default: Value
    choices: tuple[str, ...] = ()
    variable: str = ""


KEYS = {
    key.name: key
    for key in (
        Key(name="user.name", doc="the author of new versions", default=""),
        Key(name="user.email", doc="the author's address", default=""),
        Key(name="best.metric", doc="the metric that name@best goes by", default=""),
        Key(
            name="best.mode",
            doc="which way best.metric is better; auto goes by its name",
            default="auto",
            choices=("min", "max", "auto"),
        ),
        Key(name="gc.grace_days", doc="days that gc spares what rm forgot", default=14),
        Key(
            name="core.jobs",
            doc="threads that work at once; 0 takes all cores",
            default=0,
            variable="DLV_JOBS",
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings that hold in one place; the fields are the keys with `_` for `.`.

    Attributes:
        origins: for each key the file, the variable (`$DLV_JOBS`) or `default` that said it.
        warnings: one line for each key in a file that nobody knows; such keys do nothing.
    """

    user_name: str
    user_email: str
    best_metric: str
    best_mode: str
    gc_grace_days: int
    core_jobs: int
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Value:
        found: Value = getattr(self, key_of(name).name.replace(".", "_"))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the variables of the environment say, apart from settings.

    Attributes:
        folder: `DLV_DIR`, the hidden folder of the repository to use wherever one stands.
        is_progress_off: `DLV_NO_PROGRESS`.
        is_debugging: `DLV_DEBUG`.
        kernels: `DLV_KERNELS`, the kernel that makes and reads levels; empty for the fastest.
        token: `DLV_TOKEN`, the token to show to every hub; empty for that of `dlv auth login`.
    """

    folder: Path | None
    is_progress_off: bool
    is_debugging: bool
    kernels: str
    token: str


def read_environment(environment: Mapping[str, str] = os.environ) -> Environment:
    """Read the `DLV_*` variables; 1, ON, YES and TRUE, in any case, are true."""

    def is_on(name: str) -> bool:
        return environment.get(name, "").strip().upper() in {"1", "ON", "YES", "TRUE"}

    folder = environment.get("DLV_DIR", "")
    return Environment(
        folder=Path(folder) if folder else None,
        is_progress_off=is_on("DLV_NO_PROGRESS"),
        is_debugging=is_on("DLV_DEBUG"),
        kernels=environment.get("DLV_KERNELS", ""),
        token=environment.get("DLV_TOKEN", "").strip(),
    )


def repository_folder(start: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The hidden folder to use: `DLV_DIR`, or else the nearest `.dlv` at or above `start`.

    Raises:
        InputError: `DLV_DIR` is not the path of a folder called `.dlv`.
    """
    chosen = read_environment(environment).folder
    if chosen is not None:
        if chosen.name != FOLDER:
            raise InputError(f"$DLV_DIR is {str(chosen)!r}; it must be the path of a {FOLDER}")
        return chosen.absolute()
    place = start.absolute()
    found = (each / FOLDER for each in (place, *place.parents) if (each / FOLDER).is_dir())
    return next(found, None)


def key_of(name: str) -> Key:
    """The setting of that name.

    Raises:
        NotFoundError: there is none; says which is meant.
    """
    if name not in KEYS:
        raise NotFoundError(f"no setting is called {name!r}; {_hint(name)}")
    return KEYS[name]


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name, KEYS, n=2)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(KEYS)}"


def project_file(folder: Path) -> Path:
    """The settings of a repository, which are the same for all who use it."""
    return folder / "config"


def local_file(folder: Path) -> Path:
    """The settings of a repository on this machine only."""
    return folder / "config.local"


def global_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The settings of this user; None for a user without a home folder."""
    folder = user_folder(environment)
    return None if folder is None else folder / "config"


def user_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where what belongs to this user, in all repositories, lies; None without a home folder."""
    base = environment.get("XDG_CONFIG_HOME", "")
    if Path(base).is_absolute():  # a relative one must be ignored, says the XDG specification
        return Path(base) / "dlv"
    home = environment.get("HOME", "")
    return Path(home) / ".config" / "dlv" if home else None


def read_settings(
    repository_folder: Path | None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The settings that hold in a repository, or outside of any.

    Args:
        repository_folder: the `.dlv` folder, or None.
        environment: variables, by name.

    Raises:
        InputError: a file is no TOML, or a value is not of its setting's type.
    """
    files = [global_file(environment)]
    if repository_folder is not None:
        files += [project_file(repository_folder), local_file(repository_folder)]
    values: dict[str, Value] = {key.name: key.default for key in KEYS.values()}
    origins = dict.fromkeys(KEYS, DEFAULT)
    warnings: list[str] = []
    for file in filter(None, files):
        for name, value in _flat(_read(file)):
            if name in KEYS:
                values[name] = checked(KEYS[name], value, f"{file}")
                origins[name] = str(file)
            else:
                warnings.append(f"{file}: no setting is called {name!r}; {_hint(name)}")
    for key in KEYS.values():
        if key.variable and environment.get(key.variable, ""):
            values[key.name] = from_text(key, environment[key.variable], f"${key.variable}")
            origins[key.name] = f"${key.variable}"
    return Settings(
        user_name=str(values["user.name"]),
        user_email=str(values["user.email"]),
        best_metric=str(values["best.metric"]),
        best_mode=str(values["best.mode"]),
        gc_grace_days=int(values["gc.grace_days"]),
        core_jobs=int(values["core.jobs"]),
        origins=MappingProxyType(origins),
        warnings=tuple(warnings),
    )


def _read(file: Path) -> Mapping[str, object]:
    return parsed(file, text_of(file))


def text_of(file: Path) -> str:
    """The text of a settings file; empty if it is not there.

    Raises:
        InputError: it is a folder, too large, or not UTF-8.
    """
    try:
        with durable.reported("read", file), file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except IsADirectoryError:
        raise InputError(f"{file} is a folder; it must be a TOML file of settings") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{file} has more than {MAX_BYTES:,} bytes; no settings file has")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 at byte {error.start}; correct it") from None


def parsed(file: Path, text: str) -> Mapping[str, object]:
    """The tables of a settings file.

    Raises:
        InputError: the text is no TOML; names the file.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not valid TOML: {error}; correct it by hand") from None
    except RecursionError:
        raise InputError(f"{file} is nested too deep; correct it by hand") from None


def _flat(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """All keys of known depth: those in tables of the file and those outside of any."""
    for name, value in tables.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", each) for inner, each in value.items())
        else:
            yield name, value


def checked(key: Key, value: object, origin: str) -> Value:
    """The value as it is, if the setting can have it.

    Raises:
        InputError: it is of another type, negative, or none of the choices.
    """
    if isinstance(key.default, int):
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31:
            return value
        raise InputError(f"{origin}: {key.name} is a whole number from 0 on, not {value!r:.60}")
    if not isinstance(value, str):
        raise InputError(f"{origin}: {key.name} is a text in quotes, not {value!r:.60}")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError(f"{origin}: {key.name} is not UTF-8: {value!r:.60}")
    if key.choices and value not in key.choices:
        raise InputError(
            f"{origin}: {key.name} is one of {', '.join(key.choices)}, not {value!r:.60}"
        )
    return value


def from_text(key: Key, text: str, origin: str) -> Value:
    """The value that a text stands for, in a variable or on the command line.

    Raises:
        InputError: the setting cannot have it.
    """
    if isinstance(key.default, int):
        is_whole = text.isascii() and text.isdigit() and len(text) < 11  # noqa: PLR2004 - of 2^31
        return checked(key, int(text) if is_whole else text, origin)
    return checked(key, text, origin)


def settle_keras_backend(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have Keras compute with what is installed: it takes TensorFlow unless it is told.

    What `KERAS_BACKEND` says counts; then Keras' own file, which Keras writes by itself, where
    it names what is installed.
    """
    if "KERAS_BACKEND" in environment:
        return
    home = environment.get("KERAS_HOME") or str(Path(environment.get("HOME", "~")) / ".keras")
    known = _keras_file(Path(home) / "keras.json")
    for backend in (known, *KERAS_BACKENDS):
        if backend in KERAS_BACKENDS and find_spec(backend) is not None:
            environment["KERAS_BACKEND"] = backend
            return


def _keras_file(path: Path) -> str:
    """The backend that Keras' own file names; empty if none."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return ""
    backend = found.get("backend") if isinstance(found, dict) else None
    return backend if isinstance(backend, str) else ""
