"""What trains networks, by dialect."""

import pytest

from modelhub.errors import NotFoundError
from modelhub.wrappers import TRAINERS, Recipe


def test_trainers_are_found_by_framework() -> None:
    """Loaded when they are asked for."""
    assert list(TRAINERS.ours) == ["torch"]
    assert callable(TRAINERS.get("torch").start)
    with pytest.raises(NotFoundError, match="there are: torch"):
        TRAINERS.get("caffe")


def test_a_recipe_needs_steps_and_a_rate() -> None:
    """All else has a default that changes nothing."""
    found = Recipe(steps=3, rate=0.1)
    assert (found.policy, found.warmup, found.clip, found.weight_decay) == ("fixed", 0, None, 0.0)
