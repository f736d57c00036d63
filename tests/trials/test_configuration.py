"""Every setting is checked, and every setting is used."""

import pytest

from modelhub.errors import InputError
from modelhub.trials import automatic, checked, settings_used, with_point

LEAST = {"input_data": "digits.npz", "max_iter": 10, "base_lr": 0.1}


def test_defaults_are_filled_in() -> None:
    """What is needed is all that must be said."""
    found = checked(LEAST)
    assert (found["optimizer"], found["batch_size"], found["test_share"]) == ("sgd", 32, 0.2)


@pytest.mark.parametrize("key", LEAST)
def test_what_is_needed_is_asked_for(key: str) -> None:
    """Unless each trial has its own."""
    given = {k: v for k, v in LEAST.items() if k != key}
    with pytest.raises(InputError, match=f"no '{key}', which is needed"):
        checked(given)
    assert checked(given, [key])[key] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base_rl": 1}, "no 'base_rl'; did you mean 'base_lr'"),
        ({"base_lr": -1}, "base_lr = -1, which is not a number above 0"),
        ({"base_lr": True}, "which is not a number"),
        ({"max_iter": 1.5}, "which is not a whole number"),
        ({"optimizer": "lion"}, "which is not sgd, adam or adamw"),
        ({"optimizer": "adam", "momentum": 0.9}, "nothing uses 'momentum': the optimizer is adam"),
        ({"beta1": 0.9}, "nothing uses 'beta1'"),
        ({"gamma": 0.5}, "nothing uses 'gamma': lr_policy is fixed"),
        ({"test_data": "x.npz", "test_share": 0.1}, "nothing uses 'test_share'"),
        ({"user": {"depth": 3}}, "nothing uses 'user': train is not given"),
        ({"train": "a:b", "patience": 3}, "nothing uses 'patience'"),
        ({"test_share": 1}, "between 0 and 1"),
        ({"net": {"conv*": {"rate": 1}}}, "not a table as in"),
    ],
)
def test_a_wrong_setting_is_named(given, said: str) -> None:
    """With what it must be, or what was meant."""
    with pytest.raises(InputError, match=said):
        checked({**LEAST, **given})


def test_a_setting_that_nothing_uses_cannot_be_varied() -> None:
    """Unless what would use it is varied, too."""
    with pytest.raises(InputError, match="nothing uses 'gamma'"):
        checked(LEAST, ["gamma"])
    checked(LEAST, ["gamma", "lr_policy"])


def test_a_point_is_put_into_the_configuration() -> None:
    """Also in tables; what it was before stays in place."""
    config = checked({**LEAST, "net": {"fc*": {"lr": 2}}, "data": {"label": "y"}})
    found = with_point(config, {"base_lr": 1, "net[conv*].lr": 0, "data.cast": True})
    assert found["base_lr"] == 1.0
    assert found["net"] == {"fc*": {"lr": 2.0}, "conv*": {"lr": 0.0}}
    assert found["data"] == {"label": "y", "cast": True}
    assert config["net"] == {"fc*": {"lr": 2.0}}
    with pytest.raises(InputError, match="max_iter = 'many'"):
        with_point(config, {"max_iter": "many"})


def test_automatic_choices() -> None:
    """The table's, or multiples of what is configured."""
    config = checked({**LEAST, "auto": {"batch_size": [8, 16]}})
    assert automatic(config, "base_lr") == pytest.approx([0.01, 0.1, 1.0])
    assert automatic(config, "net[conv*].lr") == [0.1, 1.0, 10.0]
    assert automatic(config, "momentum") == (0.0, 0.9, 0.99)
    assert automatic(config, "batch_size") == [8, 16]
    with pytest.raises(InputError, match="nothing is known that 'seed' could be"):
        automatic(config, "seed")
    with pytest.raises(InputError, match="no list of choices"):
        automatic({**config, "auto": {"seed": 3}}, "seed")


def test_only_what_counts_is_recorded() -> None:
    """Of a version's settings."""
    found = settings_used(checked({**LEAST, "net": {"a": {"lr": 1}}}))
    assert found["net"] == {"a": {"lr": 1.0}}
    assert not {"beta1", "gamma", "test_data", "auto", "clip_gradients"} & set(found)
