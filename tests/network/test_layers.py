"""The layer graph leaves out what only rearranges."""

from modelhub.network import Arguments, Network, Node, layer_graph


def node(name: str, *reads: str, op: str = "layer", plumbing: bool = False) -> Node:
    arguments = Arguments(args=[{"$": each} for each in reads])
    return Node(name=name, op=op, inputs=arguments, plumbing=plumbing)


def test_edges_lead_through_plumbing() -> None:
    """A layer that reads a view of another one follows it."""
    nodes = [
        node("x", op="input"),
        node("conv", "x"),
        node("view", "conv", op="function", plumbing=True),
        node("size", "x", op="function", plumbing=True),
        node("fc", "view", "size"),
        node("output", "fc", op="output"),
    ]
    graph = layer_graph(Network(dialect="aten", nodes=nodes))

    assert [each.name for each in graph.layers] == ["x", "conv", "fc", "output"]
    assert graph.previous["fc"] == ["conv", "x"]
    assert graph.next["x"] == ["conv", "fc"]


def test_states_are_no_layers() -> None:
    """A parameter that an operator reads directly is not followed by it."""
    nodes = [node("x", op="input"), node("w", op="state"), node("add", "x", "w", op="function")]
    graph = layer_graph(Network(dialect="aten", nodes=nodes, partial="a part"))

    assert graph.previous == {"x": [], "add": ["x"]}
