"""Sizes for the symbols of a network."""

from dataclasses import replace

import pytest
from by_hand import Drawing, lenet

from modelhub.errors import InputError
from modelhub.network import Network, Symbol, batch_symbols, solve_sizes


def text(minimum: int = 2) -> Network:
    """Two symbols, one of them under an expression."""
    d = Drawing()
    x = d.input("s0", "s1", name="ids")
    d.input("s0", "2*s1", name="mask")
    symbols = {"s0": Symbol(example=2, min=minimum), "s1": Symbol(example=7, min=2, max=512)}
    return replace(d.done(x), symbols=symbols)


def test_without_sizes_the_batch_is_one_and_the_rest_as_captured() -> None:
    """One example is what people compare."""
    assert solve_sizes(text(), {}) == {"s0": 1, "s1": 7}
    assert solve_sizes(text(minimum=4), {}) == {"s0": 4, "s1": 7}


@pytest.mark.parametrize(
    "given",
    [
        {"batch": [8], "s1": [16]},
        {"s0": [8], "s1": [16]},
        {"ids": [8, 16]},
        {"mask": [8, 32], "s1": [16]},
        {"ids": [8, 16], "mask": [8, 32]},
    ],
)
def test_sizes_come_by_symbol_or_by_input(given: dict[str, list[int]]) -> None:
    """The same sizes, said in different ways."""
    assert solve_sizes(text(), given) == {"s0": 8, "s1": 16}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"height": [3]}, "'height' is no size of this network; there are: batch, s0, s1, ids, m"),
        ({"ids": [3]}, r"input 'ids' has 2 axes, \[s0, s1\], and 1 sizes are given"),
        ({"s1": [3, 4]}, "'s1' is one size, and 2 are given"),
        ({"s1": [600]}, "the network holds for 's1' from 1 to 512, not for 600"),
        ({"s0": [0]}, "the network holds for 's0' from 1 to any size, not for 0"),
        ({"ids": [3, 4], "mask": [2, 8]}, "size 's0' cannot be both 3 and 2, as 'mask' says"),
        ({"mask": [2, 9]}, r"input 'mask' would be \[2, 14\] for these sizes"),
    ],
)
def test_wrong_sizes_say_what_is_wrong(given: dict[str, list[int]], said: str) -> None:
    """What, where, and what there is."""
    with pytest.raises(InputError, match=said):
        solve_sizes(text(), given)


def test_a_fixed_extent_stays() -> None:
    """LeNet takes images of 28 x 28."""
    with pytest.raises(InputError, match="28 is fixed, and cannot be 32"):
        solve_sizes(lenet(), {"image": [1, 1, 32, 32]})
    assert solve_sizes(lenet(), {"image": [5, 1, 28, 28]}) == {"s0": 5}


def test_a_network_without_symbols_says_so() -> None:
    """Everything in it is fixed."""
    d = Drawing()
    network = replace(d.done(d.input(2, 3)), symbols={})

    assert solve_sizes(network, {}) == {}
    assert batch_symbols(network) == []
    with pytest.raises(InputError, match=r": image$"):
        solve_sizes(network, {"batch": [3]})


def test_a_batch_of_each_input_is_one_batch() -> None:
    """Texts and pictures that were captured as many; a length that was another is none."""
    d = Drawing()
    d.input("s0", 3, name="pictures")
    x = d.input("s1", "s2", name="texts")
    d.input("s2", name="places")
    symbols = {name: Symbol(example=size) for name, size in (("s0", 2), ("s1", 2), ("s2", 7))}
    network = replace(d.done(x), symbols=symbols)

    assert batch_symbols(network) == ["s0", "s1"]
    assert solve_sizes(network, {"batch": [5]}) == {"s0": 5, "s1": 5, "s2": 7}
