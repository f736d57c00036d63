"""What a trial is configured by: every setting, its default, and who uses it (dql.md §10)."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from modelhub.errors import InputError

Config: TypeAlias = Mapping[str, Any]
NEEDED = object()  # in the place of a default


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting.

    Attributes:
        check: gives the value as it is used, or None where it is none.
        says: what a value must be, for people.
        default: `NEEDED` if there is none.
        used: whether anything uses it, given all settings.
    """

    check: Callable[[Any], Any]
    says: str
    default: Any = None
    used: Callable[[Config], bool] = lambda _: True


def _number(least: float, *, above: bool = False) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        is_within = is_number and (value > least if above else value >= least)
        return float(value) if is_within and value < float("inf") else None

    return check


def _whole(least: int) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return value if is_whole and value >= least else None

    return check


def _one_of(*names: str) -> Callable[[Any], Any]:
    return lambda value: value if value in names else None


def _text(value: Any) -> Any:
    return value if isinstance(value, str) and value else None


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return value if is_list else None


def _table(value: Any) -> Any:
    return value if isinstance(value, dict) and all(isinstance(key, str) for key in value) else None


def _multiples(value: Any) -> Any:
    """`{"conv*": {"lr": 0.1}}`."""
    rate = _number(0)
    if not isinstance(value, dict):
        return None
    for each in value.values():
        if not isinstance(each, dict) or set(each) != {"lr"} or rate(each["lr"]) is None:
            return None
    return {str(key): {"lr": float(each["lr"])} for key, each in value.items()}


def _policy(*names: str) -> Callable[[Config], bool]:
    return lambda config: config["lr_policy"] in names


def _is_ours(config: Config) -> bool:
    return config["train"] is None


def _adam(config: Config) -> bool:
    return config["optimizer"] in {"adam", "adamw"}


_POSITIVE, _NATURAL, _SHARE = "a number above 0", "a whole number from 1", "a number of 0 or more"
SETTINGS: Mapping[str, Setting] = {
    "input_data": Setting(check=_text, says="the place of data, a text", default=NEEDED),
    "test_data": Setting(check=_text, says="the place of data, a text"),
    "test_share": Setting(
        check=lambda v: _number(0, above=True)(v) if _number(0)(v) and v < 1 else None,
        says="a number between 0 and 1",
        default=0.2,
        used=lambda config: config["test_data"] is None,
    ),
    "data": Setting(check=_table, says="a table", default={}),
    "max_iter": Setting(check=_whole(1), says=_NATURAL, default=NEEDED),
    "base_lr": Setting(check=_number(0, above=True), says=_POSITIVE, default=NEEDED),
    "batch_size": Setting(check=_whole(1), says=_NATURAL, default=32),
    "optimizer": Setting(
        check=_one_of("sgd", "adam", "adamw"), says="sgd, adam or adamw", default="sgd"
    ),
    "momentum": Setting(
        check=_number(0), says=_SHARE, default=0.0, used=lambda config: not _adam(config)
    ),
    "beta1": Setting(check=_number(0), says=_SHARE, default=0.9, used=_adam),
    "beta2": Setting(check=_number(0), says=_SHARE, default=0.999, used=_adam),
    "weight_decay": Setting(check=_number(0), says=_SHARE, default=0.0),
    "lr_policy": Setting(
        check=_one_of("fixed", "step", "exp", "poly", "cosine"),
        says="fixed, step, exp, poly or cosine",
        default="fixed",
    ),
    "gamma": Setting(
        check=_number(0, above=True), says=_POSITIVE, default=0.1, used=_policy("step", "exp")
    ),
    "stepsize": Setting(check=_whole(1), says=_NATURAL, used=_policy("step")),
    "power": Setting(
        check=_number(0, above=True), says=_POSITIVE, default=1.0, used=_policy("poly")
    ),
    "warmup": Setting(check=_whole(0), says="a whole number", default=0),
    "clip_gradients": Setting(check=_number(0, above=True), says=_POSITIVE, used=_is_ours),
    "net": Setting(
        check=_multiples, says='a table as in {"conv*": {lr: 0.1}}', default={}, used=_is_ours
    ),
    "loss": Setting(
        check=_one_of("auto", "cross_entropy", "mse"),
        says="auto, cross_entropy or mse",
        default="auto",
        used=_is_ours,
    ),
    "output": Setting(check=_whole(0), says="a whole number", default=0, used=_is_ours),
    "metrics": Setting(check=_texts, says="a list of names", default=[], used=_is_ours),
    "test_interval": Setting(check=_whole(1), says=_NATURAL, used=_is_ours),
    "snapshot": Setting(check=_whole(0), says="a whole number", default=0, used=_is_ours),
    "patience": Setting(check=_whole(0), says="a whole number", default=0, used=_is_ours),
    "shuffle": Setting(check=_whole(1), says=_NATURAL, default=4096),
    "seed": Setting(check=_whole(0), says="a whole number", default=0),
    "train": Setting(check=_text, says="pkg.mod:function"),
    "user": Setting(
        check=_table, says="a table", default={}, used=lambda config: not _is_ours(config)
    ),
    "auto": Setting(check=_table, says="a table of lists", default={}),
}
_AUTO: Mapping[str, Sequence[float]] = {
    "momentum": (0.0, 0.9, 0.99),
    "weight_decay": (0.0, 1e-4, 1e-2),
}
_TIMES = (0.1, 1.0, 10.0)


def checked(given: Config, varied: Iterable[str] = ()) -> dict[str, Any]:
    """A whole configuration, with defaults; settings that are varied need no value.

    Args:
        given: what a file or the query says.
        varied: the settings that each trial has its own of, as `base_lr` or `net[conv*].lr`.

    Raises:
        InputError: a setting is not known, needed and not there, of another kind, or one that
            nothing uses.
    """
    names = {each.partition("[")[0].partition(".")[0] for each in varied}
    for key in given:
        if key not in SETTINGS:
            raise InputError(f"the configuration has no {key!r}; {meant(key)}")
    whole = {
        key: _value(key, each, given[key]) if key in given else _default(key, each, names)
        for key, each in SETTINGS.items()
    }
    sure = names - {"optimizer", "lr_policy", "test_data", "train"}
    for key in {*given, *names}:
        if sure == names and not SETTINGS[key].used(whole):
            raise InputError(f"nothing uses {key!r}: {_why_not(key, whole)}; take it out")
    return whole


def _value(key: str, setting: Setting, value: Any) -> Any:
    found = setting.check(value)
    if found is None:
        raise InputError(f"the configuration says {key} = {value!r}, which is not {setting.says}")
    return found


def _default(key: str, setting: Setting, varied: set[str]) -> Any:
    if setting.default is not NEEDED:
        return setting.default
    if key in varied:
        return None
    raise InputError(f"the configuration has no {key!r}, which is needed: {setting.says}")


def _why_not(key: str, whole: Config) -> str:
    if key in {"momentum", "beta1", "beta2"}:
        return f"the optimizer is {whole['optimizer']}"
    if key in {"gamma", "stepsize", "power"}:
        return f"lr_policy is {whole['lr_policy']}"
    if key == "test_share":
        return "test_data is given"
    return "train is not given" if key == "user" else "train is a function of yours"


def meant(key: str) -> str:
    """What a setting that there is not may stand for."""
    close = difflib.get_close_matches(key, SETTINGS, n=2)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    return f"there are: {', '.join(SETTINGS)}"


def with_point(config: Config, point: Config) -> dict[str, Any]:
    """A configuration with a trial's own settings in it.

    Args:
        config: whole.
        point: by setting: `base_lr`, `net[conv*].lr`, `user.depth`.

    Raises:
        InputError: a value is of another kind.
    """
    found = {key: dict(each) if isinstance(each, dict) else each for key, each in config.items()}
    for name, value in point.items():
        key, _, inner = name.partition(".")
        if name.startswith("net["):
            selector = name[len("net[") : -len("].lr")]
            found["net"] = {**found["net"], selector: {"lr": value}}
            key = "net"
        elif inner:
            found[key] = {**found[key], inner: value}
        else:
            found[key] = value
        found[key] = _value(name, SETTINGS[key], found[key])
    return found


def settings_used(config: Config) -> dict[str, Any]:
    """The settings of a whole configuration that something uses, and that say something."""
    return {
        key: value
        for key, value in config.items()
        if key != "auto" and value not in (None, [], {}) and SETTINGS[key].used(config)
    }


def automatic(config: Config, name: str) -> Sequence[Any]:
    """The choices of a setting that is varied by `auto`.

    Raises:
        InputError: there are none for it.
    """
    own = config["auto"].get(name)
    if own is not None:
        if not isinstance(own, list) or not own:
            raise InputError(f"auto.{name} of the configuration is {own!r}, no list of choices")
        return own
    if name == "base_lr" and config["base_lr"] is not None:
        return [config["base_lr"] * times for times in _TIMES]
    if name.startswith("net["):
        selector = name[len("net[") : -len("].lr")]
        now = config["net"].get(selector, {"lr": 1.0})["lr"]
        return [now * times for times in _TIMES]
    if name in _AUTO:
        return _AUTO[name]
    raise InputError(
        f"nothing is known that {name!r} could be; give a list, or one under its name in the "
        "table auto of the configuration"
    )
