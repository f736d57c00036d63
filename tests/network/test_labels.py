"""Equal layers have equal labels."""

from dataclasses import replace

from by_hand import lenet, resnet

from modelhub.network import Arguments, Body, Node, Operation, State, Value
from modelhub.network.labels import constants, label, local_name

WEIGHT = State(name="a.weight", kind="parameter", dtype="float32", shape=(4,))


def test_names_and_what_is_read_do_not_matter() -> None:
    """The same convolution elsewhere is the same."""
    network = resnet()
    states = {state.name: state for state in network.states}
    one, other = network.by_name["layer1.0.conv1"], network.by_name["layer1.1.conv2"]

    assert label(one, states) == label(other, states)


def test_attributes_and_sizes_of_states_matter() -> None:
    """Another width is another layer."""
    narrow, wide = lenet(), lenet(conv1=32)

    def said(network):
        states = {state.name: state for state in network.states}
        return label(network.by_name["conv1"], states)

    assert said(narrow) != said(wide)


def test_what_is_handed_in_besides_values_matters() -> None:
    """Adding 1 is not adding 2; what is added to does not matter."""
    one = Node(name="a", op="function", inputs=Arguments(args=[{"$": "x"}, 1]))
    same = replace(one, inputs=Arguments(args=[{"$": "y", "i": 1}, 1]))
    two = replace(one, inputs=Arguments(args=[{"$": "x"}, 2], kwargs={"alpha": 3}))

    assert label(one, {}) == label(same, {}) != label(two, {})
    assert constants(two) == [("argument 1", 2), ("alpha", 3)]


def body(op: str, target: str, state: str) -> Body:
    arguments = Arguments(args=[{"$": "in0"}, {"$": f"state:{state}"}])
    value = Value(dtype="float32", shape=("s0", 4))
    made = Operation(name=op, target=target, inputs=arguments, outputs=[value])
    return Body(inputs=1, ops=[made], returns=[{"$": op}])


def test_bodies_are_compared_by_what_they_do() -> None:
    """Names of operators and the module's path do not matter, operators do."""
    one = Node(name="a", op="layer", module="a", states=["a.weight"])
    other = Node(name="b", op="layer", module="b", states=["b.weight"])
    states = {"a.weight": WEIGHT, "b.weight": replace(WEIGHT, name="b.weight")}
    first = replace(one, body=body("mul", "aten::mul", "a.weight"))
    same = replace(other, body=body("mul_7", "aten::mul", "b.weight"))
    third = replace(other, body=body("mul_7", "aten::add", "b.weight"))

    assert label(first, states) == label(same, states) != label(third, states)


def test_a_state_is_called_as_the_layer_calls_it() -> None:
    """Its name without the module's path; without a module, its last part."""
    assert local_name(Node(name="a", op="layer", module="m.a"), "m.a.attn.weight") == "attn.weight"
    assert local_name(Node(name="a", op="layer", module="m.a"), "shared.weight") == "weight"
