"""Networks as diagrams."""

from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.pages.networks import FOLDED, network_diagram, networks_side_by_side
from modelhub.network import Arguments, Network, Node, Value
from modelhub.pages import Pair, Vertex

TITLES = ("one@1", "other@1")


def node(name: str, *reads: str, template: str = "CONV", **more: object) -> Node:
    inputs = Arguments(args=[{"$": each} for each in reads])
    outputs = [Value(dtype="float32", shape=(1, 4))]
    found = {"op": "layer", "template": template, "inputs": inputs, "outputs": outputs}
    return Node(name=name, **(found | more))  # type: ignore[arg-type]


def chain(*names: str, **changed: dict[str, object]) -> Network:
    """A network whose layers read the one before; some with other attributes."""
    nodes = [Node(name="x", op="input", outputs=[Value(dtype="float32", shape=(1, 4))])]
    for name in names:
        attributes = changed.get(name, {})
        nodes.append(node(name, nodes[-1].name, attributes=attributes, module=name))
    last = Arguments(args=[{"$": nodes[-1].name}])
    return Network(dialect="aten", nodes=[*nodes, Node(name="output", op="output", inputs=last)])


def repeated(count: int) -> Network:
    nodes = [Node(name="x", op="input", outputs=[Value(dtype="float32", shape=(1, 4))])]
    for i in range(count):
        before = nodes[-1].name
        nodes.append(node(f"layers.{i}.fc", before, template="FULL", module=f"layers.{i}.fc"))
        nodes.append(
            node(
                f"layers.{i}.add", nodes[-1].name, before, template="ADD", module=f"layers.{i}.add"
            )
        )
    last = Arguments(args=[{"$": nodes[-1].name}])
    modules = [("layers", "ModuleList"), *((f"layers.{i}", "Block") for i in range(count))]
    nodes.append(Node(name="output", op="output", inputs=last))
    return Network(dialect="aten", nodes=nodes, modules=modules)


def test_a_repeated_block_is_one_vertex() -> None:
    """It reads what its first layers read, and is read by what reads its last."""
    first, block, last = network_diagram(repeated(5), {}).vertices

    assert (first.name, last.name) == ("x", "output")
    assert block.label == "layers.0…4 x 5"
    assert (block.reads, last.reads) == (["x"], [block.name])
    assert [each.name for each in block.inner] == ["layers.0.fc", "layers.0.add"]
    assert block.inner[1].reads == ["layers.0.fc"]


def test_equal_networks_fold_to_one_row() -> None:
    """What is the same needs no reading."""
    network = chain(*"abcdefgh")
    found = networks_side_by_side(network, network, titles=TITLES)

    assert [each.note for each in found.pairs] == ["the same"]
    assert found.pairs[0].before is not None
    assert found.pairs[0].before.label == "… 10 layers"


def test_an_inserted_layer_stands_alone() -> None:
    """Its neighbours stay, and the value that ran past it is still to be followed."""
    found = networks_side_by_side(chain(*"abcd"), chain("a", "b", "new", "c", "d"), titles=TITLES)
    (added,) = [each for each in found.pairs if each.mark]
    after = {each.after.name: each.after for each in found.pairs if each.after is not None}

    assert (added.before, added.mark) == (None, "added")
    assert after["c"].reads == ["new"]
    assert after["new"].reads == ["b"]


def test_a_changed_layer_says_how() -> None:
    """Both sides stand in one row."""
    found = networks_side_by_side(chain(*"abc"), chain(*"abc", b={"stride": 2}), titles=TITLES)
    (changed,) = [each for each in found.pairs if each.mark]

    assert changed.before is not None
    assert changed.after is not None
    assert changed.before.name == changed.after.name == "b"
    assert "stride None → 2" in changed.note


def side(vertices: list[Vertex | None]) -> list[Vertex]:
    return [each for each in vertices if each is not None]


def check_order(vertices: list[Vertex]) -> None:
    seen: set[str] = set()
    for each in vertices:
        assert set(each.reads) <= seen
        assert each.name not in seen
        seen.add(each.name)


@given(
    st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12),
    st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=12),
)
def test_each_side_keeps_its_order(one: list[str], other: list[str]) -> None:
    """Whatever was moved, a vertex comes after what it reads, and none is lost or comes twice."""
    networks = chain(*one), chain(*other)
    pairs: list[Pair] = list(networks_side_by_side(*networks, titles=TITLES).pairs)
    for vertices, names in (
        (side([each.before for each in pairs]), one),
        (side([each.after for each in pairs]), other),
    ):
        check_order(vertices)
        shown = {each.name for each in vertices}
        folded = sum(int(each.label.split()[1]) - 1 for each in vertices if "…" in each.label)
        assert shown <= {"x", "output", *names}
        assert len(shown) + folded == len(names) + 2


def test_only_long_runs_are_folded() -> None:
    """A row that stands for two others would save nothing."""
    found = networks_side_by_side(chain("a"), chain("a"), titles=TITLES)

    assert len(found.pairs) == 3 < FOLDED
