"""Repeated blocks are found and named."""

import time

from by_hand import chain, lenet, resnet, transformer

from modelhub.network import Block, Member, Network, find_blocks, unfolded


def drawn(network: Network) -> list[str]:
    """The folded tree as lines."""
    return ["  " * depth + said(each) for depth, each, _ in unfolded(find_blocks(network))]


def said(each: Member) -> str:
    return f"{each.name} x{each.count}" if isinstance(each, Block) else each.name


def names(network: Network) -> list[str]:
    """All layers, unfolded by the repeats of blocks."""
    found = []
    for each in find_blocks(network):
        found += [n for r in each.repeats for n in r] if isinstance(each, Block) else [each.name]
    return found


def test_a_network_without_repeats_is_a_list() -> None:
    """Nothing is folded where nothing comes twice."""
    assert drawn(lenet()) == [
        *("image", "conv1", "pool1", "conv2", "pool2", "fc1", "relu1", "fc2", "output")
    ]


def test_modules_equal_but_for_their_index_are_one_block() -> None:
    """32 decoders are one, 32 times; blocks inside blocks are found, too."""
    assert drawn(transformer(depth=32)) == [
        *("tokens", "mask", "layers.0…31 x32"),
        *("  layers.0.attn.q", "  layers.0.attn.add", "  layers.0.attn.o", "  layers.0.add"),
        *("  layers.0.mlp.0…1 x2", "    layers.0.mlp.0", "  layers.0.add_1"),
        *("head", "output"),
    ]


def test_a_block_knows_its_class_and_the_layers_of_each_repeat() -> None:
    """So that a selector can mean all of them."""
    block = next(each for each in find_blocks(transformer(depth=3)) if isinstance(each, Block))
    inner = block.members[0]
    assert isinstance(inner, Block)

    assert (inner.name, inner.kind, inner.count) == ("layers.0…2", "Decoder", 3)
    assert [repeat[0] for repeat in inner.repeats] == [f"layers.{i}.attn.q" for i in range(3)]


def test_a_block_of_another_size_is_not_folded() -> None:
    """The first block of a stage, which halves the image, stands for itself."""
    lines = drawn(resnet(stages=2, depth=3))

    assert "layer1.0…2 x3" in lines
    assert "layer2.1…2 x2" in lines
    assert "layer2.0.downsample.0" in lines


def test_repeats_in_a_chain_are_found_without_modules() -> None:
    """Pairs of convolution and ReLU of equal sizes, as VGG has them."""
    words = ["conv64", "relu", "pool", *["conv128", "relu"] * 4, "pool", "relu", "relu"]

    assert drawn(chain(*words)) == [
        *("image", "features.0", "features.1", "features.2", "features.3", "features.4"),
        *("features.5…10 x3", "  features.5", "  features.6"),
        *("features.11", "features.12…13 x2", "  features.12", "output"),
    ]


def test_blocks_wired_otherwise_are_not_one() -> None:
    """Two modules with the same layers differ if one reads its layers in another order."""
    network = transformer(depth=4)
    crossed = [
        node
        if node.name != "layers.2.attn.o"
        else type(node)(
            **{f: getattr(node, f) for f in node.__slots__ if f != "inputs"},
            inputs=network.by_name["layers.2.attn.add"].inputs,
        )
        for node in network.nodes
    ]
    other = Network(dialect="aten", nodes=crossed, states=network.states, modules=network.modules)

    assert "layers.0…1 x2" in drawn(other)
    assert "layers.2.attn.q" in drawn(other)


def test_every_layer_is_there_once() -> None:
    """Folding loses none and doubles none, and keeps the order of execution."""
    for network in (lenet(), resnet(3, 4), transformer(5), chain(*["relu"] * 9)):
        shown = [n.name for n in network.nodes if not n.plumbing]

        assert names(network) == shown


def test_it_is_quick() -> None:
    """Two thousand layers take no time that anybody notices."""
    network = chain(*["conv8", "relu", "relu", "pool", "relu"] * 2, *["conv3", "relu"] * 1000)
    started = time.perf_counter()
    find_blocks(network)

    assert time.perf_counter() - started < 2
