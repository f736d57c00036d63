"""Recipes as JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.recipe import FileRecipe, LiteralPart, TensorPart, parse_recipe, recipe_bytes
from modelhub.errors import IntegrityError

IDS = st.integers(0, 5).map(lambda n: f"{n:064x}")
LENGTHS = st.integers(1, 1 << 40)
LITERALS = st.builds(LiteralPart, blob=IDS, offset=st.integers(0, 1 << 20), length=LENGTHS)
TENSORS = st.builds(TensorPart, tensor=IDS, length=LENGTHS)


@given(st.lists(LITERALS | TENSORS))
def test_round_trip(parts) -> None:
    """What is written is read."""
    recipe = FileRecipe(
        file="f" * 64, size=sum(p.length for p in parts), reader="whole", parts=parts
    )
    assert parse_recipe(recipe_bytes(recipe)) == recipe


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"size": 11},
        {"spans": [[0, 0, 0, -10]]},
        {"spans": [[0, 1, 0, 10]]},
        {"spans": [[2, 0, 10]]},
        {"spans": [[0, 0, 10]]},
        {"spans": None},
        {"blobs": []},
    ],
)
def test_wrong_recipes(change) -> None:
    """Spans that do not add up, point nowhere, or are of no kind."""
    good = {"format": 1, "file": "f" * 64, "size": 10, "reader": "whole", "blobs": ["0" * 64]}
    good |= {"tensors": [], "spans": [[0, 0, 0, 10]]}
    assert parse_recipe(json.dumps(good).encode()).size == 10
    with pytest.raises(IntegrityError):
        parse_recipe(json.dumps(good | change).encode())


def test_what_is_no_json() -> None:
    """Damage, not a crash."""
    with pytest.raises(IntegrityError):
        parse_recipe(b"{")
