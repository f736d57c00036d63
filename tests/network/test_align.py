"""One edit of a network shows as one change."""

import time
from dataclasses import replace

import pytest
from by_hand import BATCH, Drawing, chain, lenet, resnet, transformer
from hypothesis import given
from hypothesis import strategies as st

from modelhub.network import Arguments, Network, Node, align_networks, align_training


def said(before: Network, after: Network) -> list[str]:
    """The changes that are not only consequences of others."""
    return [line for line in lines(before, after) if not line.startswith("following")]


def lines(before: Network, after: Network) -> list[str]:
    return [
        " ".join(
            [c.kind, str(c.before), str(c.after), *([f"x{c.layers}"] if c.layers > 1 else [])]
            + [f"{a.name}:{a.before}>{a.after}" for a in c.attributes]
        )
        for c in align_networks(before, after).changes
    ]


def changed(network: Network, name: str, **fields) -> Network:
    """A layer with other fields."""
    nodes = [replace(n, **fields) if n.name == name else n for n in network.nodes]
    return replace(network, nodes=nodes)


def renamed(network: Network, old: str, new: str) -> Network:
    """Names that begin with `old`, everywhere."""

    def name(text: str) -> str:
        return new + text[len(old) :] if text == old or text.startswith(old + ".") else text

    nodes = [
        replace(
            n,
            name=name(n.name),
            module=name(n.module),
            states=[name(s) for s in n.states],
            inputs=reading(n, lambda each: {"$": name(str(each["$"]))}),
        )
        for n in network.nodes
    ]
    states = [replace(s, name=name(s.name)) for s in network.states]
    modules = [(name(path), kind) for path, kind in network.modules]
    return replace(network, nodes=nodes, states=states, modules=modules)


def reading(node: Node, turn) -> Arguments:
    args = [
        turn(each) if isinstance(each, dict) and "$" in each else each for each in node.inputs.args
    ]
    return Arguments(args=args, kwargs=node.inputs.kwargs)


def inserted(network: Network, name: str, after: str, new: Node | None = None) -> Network:
    """A layer between another and all that read it."""
    source = network.by_name[after]
    made = new or Node(
        name=name,
        op="layer",
        template="DROPOUT",
        module=name,
        outputs=source.outputs,
        target="torch.nn.Dropout",
        attributes={"p": 0.5},
    )
    made = replace(made, inputs=Arguments(args=[{"$": after}]))
    nodes = []
    for node in network.nodes:
        turn = lambda each: {"$": name} if each["$"] == after else each  # noqa: E731
        nodes.append(replace(node, inputs=reading(node, turn)))
        if node.name == after:
            nodes.append(made)
    return replace(network, nodes=nodes)


def removed(network: Network, name: str) -> Network:
    """A layer gone; what read it reads what it read."""
    source = network.by_name[name].inputs.args[0]
    turn = lambda each: source if each["$"] == name else each  # noqa: E731
    nodes = [replace(n, inputs=reading(n, turn)) for n in network.nodes if n.name != name]
    return replace(network, nodes=nodes)


@pytest.mark.parametrize("network", [lenet(), resnet(3, 3), transformer(4), chain("relu", "pool")])
def test_equal_networks_do_not_differ(network: Network) -> None:
    """All layers are pairs of themselves."""
    found = align_networks(network, network)

    assert not found.changes
    assert all(a == b for a, b in found.pairs)
    assert len(found.pairs) == len([n for n in network.nodes if not n.plumbing])


def test_a_renamed_layer() -> None:
    """Its states' names follow from it."""
    assert said(lenet(), renamed(lenet(), "fc1", "hidden")) == ["renamed fc1 hidden"]
    assert said(lenet(), renamed(lenet(), "conv2", "conv9")) == ["renamed conv2 conv9"]


def test_a_renamed_module_is_one_change() -> None:
    """All its layers have another path."""
    before = resnet(2, 2)

    assert said(before, renamed(before, "layer2", "stage2")) == ["renamed layer2 stage2 x16"]
    assert said(before, renamed(before, "layer1.0", "layer1.a")) == ["renamed layer1.0 layer1.a x7"]


@pytest.mark.parametrize("after", ["conv1", "relu1", "fc2", "image"])
def test_an_inserted_layer(after: str) -> None:
    """Those that follow read the same as before, through it."""
    assert said(lenet(), inserted(lenet(), "drop", after)) == ["inserted None drop"]


@pytest.mark.parametrize("name", ["pool1", "relu1"])
def test_a_removed_layer(name: str) -> None:
    """Those that follow read what it read."""
    assert said(lenet(), removed(lenet(), name)) == [f"removed {name} None"]


def test_a_widened_layer_and_those_that_follow() -> None:
    """The next layer has more inputs because of it; that is no change of its own."""
    assert lines(lenet(), lenet(conv1=32)) == [
        "resized conv1 conv1 out_channels:20>32",
        "following conv2 conv2 in_channels:20>32",
    ]
    assert lines(lenet(fc1=500), lenet(fc1=100)) == [
        "resized fc1 fc1 out_features:500>100",
        "following fc2 fc2 in_features:500>100",
    ]


def test_widening_through_norms_and_views() -> None:
    """Normalization of more channels follows; a dense layer behind a view does, too."""

    def model(width: int) -> Network:
        d = Drawing()
        x = d.norm("bn", d.conv("conv", d.input(BATCH, 3, 8, 8), width, 3))
        return d.done(d.linear("fc", d.flat("flat", x), 10))

    assert lines(model(16), model(24)) == [
        "resized conv conv out_channels:16>24",
        "following bn bn num_features:16>24",
        "following fc fc in_features:576>864",
    ]


def test_a_retyped_layer() -> None:
    """Another template, or another kind."""
    gelu = {"template": "GELU", "target": "torch.nn.GELU"}
    assert said(lenet(), changed(lenet(), "relu1", **gelu)) == [
        "retyped relu1 relu1 template:RELU>GELU"
    ]
    assert said(lenet(), changed(lenet(), "pool1", kind="AVG")) == [
        "retyped pool1 pool1 kind:MAX>AVG"
    ]


def test_an_operator_in_the_place_of_another() -> None:
    """A function is called by what it does; its name is no sign that it is another place."""

    def model(template: str, name: str) -> Network:
        d = Drawing()
        x = d.input(BATCH, 8)
        return d.done(d.join(name, d.linear("a", x, 8), d.linear("b", x, 8), template=template))

    assert said(model("ADD", "add"), model("MATMUL", "matmul")) == [
        "retyped add matmul template:ADD>MATMUL"
    ]


def test_an_altered_attribute() -> None:
    """Stride, padding, probability: what is no size of weights."""
    before = lenet()
    after = changed(before, "pool1", attributes={"kernel_size": 2, "stride": 1})

    assert said(before, after) == ["altered pool1 pool1 stride:2>1"]


def test_a_moved_edge() -> None:
    """The shortcut of a block reads another layer."""
    before = resnet(1, 3)
    source = {"$": "relu"}
    turn = lambda each: source if each["$"] == "layer1.0.relu@1" else each  # noqa: E731
    add = "layer1.1.add"
    after = changed(before, add, inputs=reading(before.by_name[add], turn))

    assert said(before, after) == [
        f"rewired {add} {add} reads:['layer1.1.bn2', 'layer1.0.relu@1']>['layer1.1.bn2', 'relu']"
    ]


def test_turned_inputs_matter_where_they_do() -> None:
    """a + b is b + a; a matrix times b is not b times a."""

    def model(template: str, *reads: str) -> Network:
        d = Drawing()
        x = d.input(BATCH, 8)
        d.linear("a", x, 8)
        d.act("b", x)
        return d.done(d.join("join", *reads, template=template))

    assert said(model("ADD", "a", "b"), model("ADD", "b", "a")) == []
    assert said(model("MATMUL", "a", "b"), model("MATMUL", "b", "a")) == [
        "rewired join join reads:['a', 'b']>['b', 'a']"
    ]


def test_a_layer_inserted_in_a_sequential_moves_the_numbers() -> None:
    """One insertion, and one renumbering of all that follow."""
    words = ["conv8", "relu", "conv16", "relu", "conv32", "relu", "pool"]
    more = [*words[:2], "pool", *words[2:]]

    assert said(chain(*words), chain(*more)) == [
        "inserted None features.2",
        "renumbered features.2…6 features.3…7 x5",
    ]


def test_a_pair_inserted_in_a_sequential() -> None:
    """Layers of equal number and kind are not the same layers."""
    words = ["conv8", "relu", "conv16", "relu", "conv32", "relu", "conv64", "relu", "pool"]
    more = [*words[:2], "conv8", "relu", *words[2:]]

    assert said(chain(*words), chain(*more)) == [
        "inserted None features.2",
        "inserted None features.3",
        "renumbered features.2…8 features.4…10 x7",
    ]


def test_a_deeper_network_has_one_more_block() -> None:
    """Equal blocks are told apart by their names alone: the last one is new."""
    found = said(transformer(3), transformer(4))

    assert all(line.startswith("inserted None layers.3.") for line in found)
    assert len(found) == 7


def test_another_input() -> None:
    """The shape of an input is a property of it; names of symbols are none."""
    before, after = Drawing(), Drawing()
    one = before.done(before.conv("c", before.input(BATCH, 1, 28, 28), 4, 3))
    other = after.done(after.conv("c", after.input("n", 3, 28, 28), 4, 3))
    other = replace(other, symbols={"n": one.symbols[BATCH]})

    assert lines(one, other) == [
        "resized image image shape:[s0, 1, 28, 28]>[n, 3, 28, 28]",
        "following c c in_channels:1>3",
    ]


def test_branches_in_another_order_do_not_differ() -> None:
    """What is executed first of two branches says nothing of the network."""

    def model(*names: str) -> Network:
        d = Drawing()
        x = d.input(BATCH, 8)
        for name in names:
            d.linear(f"{name}.fc", x, 8)
        return d.done(d.join("add", "left.fc", "right.fc"))

    assert said(model("left", "right"), model("right", "left")) == []


def test_partial_networks_are_compared_by_their_layers() -> None:
    """Without edges, names and layers still tell."""
    nodes = [replace(n, inputs=Arguments()) for n in lenet().nodes if n.op == "layer"]
    one = replace(lenet(), nodes=nodes, partial="no edges")
    other = replace(one, nodes=nodes[:-1])

    assert said(one, other) == ["removed fc2 None"]


def test_two_thousand_layers_take_less_than_a_second() -> None:
    """With an insertion near the beginning that renames everything after it."""
    words = [f"conv{i % 7 + 1}" if i % 2 else "relu" for i in range(2000)]
    one, other = chain(*words), chain(*words[:50], "pool", *words[50:])
    started = time.perf_counter()
    found = align_networks(one, other)

    assert time.perf_counter() - started < 3
    assert [each.kind for each in found.changes] == ["inserted", "renumbered"]


NAMES = [f"n{i}" for i in range(12)]


@st.composite
def graphs(draw: st.DrawFn) -> Network:
    """A random network of layers of few kinds."""
    d = Drawing()
    made = [d.input(BATCH, 4)]
    for name in NAMES[: draw(st.integers(0, 12))]:
        first, second = draw(st.sampled_from(made)), draw(st.sampled_from(made))
        how = draw(st.sampled_from(["linear", "relu", "add"]))
        if how == "linear":
            made.append(d.linear(name, first, 4))
        elif how == "relu":
            made.append(d.act(name, first))
        else:
            made.append(d.join(name, first, second))
    return d.done(made[-1])


EDITS = {
    "rename": lambda net, name, i: renamed(net, name, f"other{i}"),
    "insert": lambda net, name, i: inserted(net, f"new{i}", name),
    "remove": lambda net, name, _: removed(net, name),
    "retype": lambda net, name, _: changed(net, name, template="TANH", target="torch.nn.Tanh"),
    "alter": lambda net, name, i: changed(net, name, attributes={"p": i}),
}


def edited(network: Network, script: list[tuple[str, int]]) -> Network:
    for i, (edit, place) in enumerate(script):
        names = [n.name for n in network.nodes if n.op in ("layer", "function")]
        if names:
            network = EDITS[edit](network, names[place % len(names)], i)
    return network


scripts = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 99)), max_size=4)
MIRROR = {"inserted": "removed", "removed": "inserted"}


@pytest.mark.property
@given(graphs(), scripts)
def test_turned_round_it_is_the_mirror_image(network: Network, script) -> None:
    """What one way is inserted is the other way removed; each pair is the same pair."""
    other = edited(network, script)
    there, back = align_networks(network, other), align_networks(other, network)

    def words(found, *, turned: bool):
        return sorted(
            (
                MIRROR.get(c.kind, c.kind) if turned else c.kind,
                *((c.after, c.before) if turned else (c.before, c.after)),
                c.layers,
            )
            for c in found.changes
        )

    assert sorted(there.pairs) == sorted((a, b) for b, a in back.pairs)
    assert words(there, turned=False) == words(back, turned=True)


@pytest.mark.property
@given(graphs(), scripts)
def test_every_layer_is_paired_inserted_or_removed(network: Network, script) -> None:
    """And there are no more changes than edits, but for renames of names that were made."""
    other = edited(network, script)
    found = align_networks(network, other)
    layers = [[n.name for n in net.nodes if not n.plumbing] for net in (network, other)]
    gone = [c.before for c in found.changes if c.kind == "removed"]
    new = [c.after for c in found.changes if c.kind == "inserted"]

    assert sorted([*(a for a, _ in found.pairs), *gone]) == sorted(layers[0])
    assert sorted([*(b for _, b in found.pairs), *new]) == sorted(layers[1])
    if network == other:
        assert not found.changes


@pytest.mark.property
@given(graphs(), st.sampled_from(sorted(EDITS)), st.integers(0, 99))
def test_one_edit_is_at_most_one_change(network, edit, place) -> None:
    """Whatever the network: none if the edit changed nothing that matters."""
    other = edited(network, [(edit, place)])

    assert len(said(network, other)) <= 1


def test_what_froze_is_no_other_layer() -> None:
    """It computes the same; only that its parameters train no longer is said, at the end."""
    net = lenet()
    states = [replace(s, frozen=s.name.startswith("conv1")) for s in net.states]
    found = align_networks(net, replace(net, states=states))

    assert [(c.kind, c.after, c.is_of_training) for c in found.changes] == [
        ("frozen", "conv1", True)
    ]
    assert len(found.pairs) == len(align_networks(net, net).pairs)


def test_what_differs_only_in_training() -> None:
    """An auxiliary head that one of them has; what differs in both modes is not said again."""
    net = lenet()
    wide = lenet(conv1=24)
    head = inserted(wide, "aux", after="conv2")
    after = replace(wide, training=head.nodes)

    assert align_training(net, wide, align_networks(net, wide)) == []
    [found] = align_training(net, after, align_networks(net, after))
    assert (found.kind, found.after) == ("inserted", "aux")


def test_another_number_of_outputs() -> None:
    """Is said as a number, whatever else was resized."""
    net, wide = lenet(), lenet(fc1=400)
    both = Arguments(args=[[{"$": "fc1"}, {"$": "fc2"}]])

    assert "altered output output values:1>2" in lines(net, changed(net, "output", inputs=both))
    assert any("values:1>2" in line for line in lines(net, changed(wide, "output", inputs=both)))
