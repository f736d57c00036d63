"""Weights and states: matched by name and shape, told apart in one line."""

from dataclasses import replace

import pytest

from modelhub.network import Network, Part, State, fit_weights

SHAPES = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "fc.weight": (2, 4)}


def network(prefix: str = "", *, tied: str | None = None) -> Network:
    """States of `SHAPES`, a transient buffer, a constant; and one that is tied."""
    states = [
        State(name=prefix + name, kind="parameter", dtype="float32", shape=shape)
        for name, shape in SHAPES.items()
    ]
    states.append(State(name="mask", kind="buffer", dtype="bool", shape=(9,), transient=True))
    states.append(State(name="one", kind="constant", dtype="float32", shape=()))
    if tied is not None:
        head = State(name="head", kind="parameter", dtype="float32", shape=(2, 4), tied=tied)
        states.append(head)
    return Network(dialect="aten", nodes=[], partial="test", states=states)


def test_weights_that_fit() -> None:
    """Every state has its tensor; what the network brings itself is not asked for."""
    fit = fit_weights(network(), SHAPES)
    assert fit.is_exact
    assert fit.tensors == {name: name for name in SHAPES}


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "_orig_mod.module."])
def test_prefixes_of_wrappers_are_passed_over(prefix) -> None:
    """On the side of the tensors, or of the states."""
    wrapped = {prefix + name: shape for name, shape in SHAPES.items()}
    assert fit_weights(network(), wrapped).tensors == {name: prefix + name for name in SHAPES}
    assert fit_weights(network(prefix), SHAPES).tensors == {prefix + name: name for name in SHAPES}


def test_another_prefix_is_no_match() -> None:
    """A network inside another one is another network."""
    fit = fit_weights(network(), {f"backbone.{name}": shape for name, shape in SHAPES.items()})
    assert not fit.is_enough
    assert list(fit.missing) == list(SHAPES)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_files_may_have_names_of_their_own(prefix) -> None:
    """One of several, behind a prefix too; the state's own name comes first."""
    plain = network()
    states = [
        replace(each, in_files=("old." + each.name, "older." + each.name)) for each in plain.states
    ]
    renamed = replace(plain, states=states)
    for old in ("", "old.", "older."):
        wanted = {name: prefix + old + name for name in SHAPES}
        fit = fit_weights(renamed, {wanted[name]: shape for name, shape in SHAPES.items()})
        assert fit.is_exact
        assert fit.tensors == wanted
    assert not fit_weights(renamed, {f"oldest.{name}": s for name, s in SHAPES.items()}).tensors


def test_a_state_may_lie_in_several_tensors() -> None:
    """All of them must be there, with their shapes; extents of 1 do not count."""
    halves = [Part(name=f"half.{at}", start=(at, 0), shape=(1, 4)) for at in range(2)]
    plain = network()
    states = [replace(s, parts=halves) if s.name == "fc.weight" else s for s in plain.states]
    cut = replace(plain, states=states)
    shapes = {n: s for n, s in SHAPES.items() if n != "fc.weight"} | {"half.0": (4,)}
    assert fit_weights(cut, shapes).missing == ["fc.weight"]
    fit = fit_weights(cut, shapes | {"half.1": (4,)})
    assert fit.is_exact
    assert fit.joined == {"fc.weight": [(halves[0], "half.0"), (halves[1], "half.1")]}
    assert "half.1 5 instead of 1x4" in fit_weights(cut, shapes | {"half.1": (5,)}).problem
    assert fit_weights(cut, SHAPES).tensors["fc.weight"] == "fc.weight"


@pytest.mark.parametrize("left_out", ["head", "fc.weight"])
def test_one_name_of_tied_states_is_enough(left_out) -> None:
    """Whichever of them the file left out."""
    shapes = SHAPES | {"head": (2, 4)}
    del shapes[left_out]
    fit = fit_weights(network(tied="fc.weight"), shapes)
    assert fit.is_exact
    assert (
        fit.tensors["head"]
        == fit.tensors["fc.weight"]
        == ({"head", "fc.weight"} - {left_out}).pop()
    )


def test_what_does_not_fit_is_told() -> None:
    """Missing and unexpected names, and shapes: the first five, and how many more."""
    shapes = {"conv.weight": (8, 3, 3, 3), "fc.weight": (2, 4)} | {f"x{i}": (1,) for i in range(7)}
    fit = fit_weights(network(), shapes)
    assert fit.problem == (
        "missing: conv.bias; not in the network: x0, x1, x2, x3, x4 and 2 more; "
        "of another shape: conv.weight 8x3x3x3 instead of 4x3x3x3"
    )
    assert not fit.is_enough


def test_more_than_enough() -> None:
    """Tensors that are left over do not keep a network from running."""
    fit = fit_weights(network(), SHAPES | {"ema": (3,)})
    assert fit.is_enough
    assert not fit.is_exact
