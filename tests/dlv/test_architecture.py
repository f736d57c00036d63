"""What is shown of a network: rows, repeats folded."""

from dataclasses import replace

import pytest
from by_hand import lenet, resnet, transformer

from modelhub.dlv.architecture import DescribedNetwork, describe_network
from modelhub.errors import InputError
from modelhub.network import Network, network_id


def described(network: Network, *, unfold: bool = False, **sizes: list[int]) -> DescribedNetwork:
    return describe_network(network, network_id(network), sizes=sizes, unfold=unfold)


def test_rows_stand_in_execution_order() -> None:
    """With shapes and costs, for one example unless another size is given."""
    one, eight = described(lenet()), described(lenet(), batch=[8])

    assert [each.name for each in one.layers] == [
        *("conv1", "pool1", "conv2", "pool2", "fc1", "relu1", "fc2")
    ]
    assert one.layers[0].shape == (1, 20, 24, 24)
    assert (one.sizes, eight.sizes) == ({"s0": 1}, {"s0": 8})
    assert eight.flops == 8 * one.flops == 2 * eight.macs


@pytest.mark.parametrize("network", [lenet(), resnet(3, 4), transformer(6)])
def test_folded_or_not_rows_add_up(network: Network) -> None:
    """A block counts all its repeats; what stands in it is one of them."""
    for unfold in (False, True):
        found = described(network, unfold=unfold)
        top = [each for each in found.layers if each.depth == 0]

        assert sum(each.parameters for each in top) == network.parameter_count
        assert sum(each.macs for each in top) == found.macs
        assert sum(each.activation_bytes for each in top) == found.activation_bytes


def test_blocks_are_rows_of_their_own() -> None:
    """Above what they consist of; with `unfold` there are none."""
    folded = described(transformer(6)).layers
    block = next(each for each in folded if each.repeats > 1)

    assert (block.name, block.repeats, block.template) == ("layers.0…5", 6, "Decoder")
    assert folded[folded.index(block) + 1].depth == 1
    assert all(each.repeats == 1 for each in described(transformer(6), unfold=True).layers)


def test_a_partial_network_is_a_list() -> None:
    """It says why, and has parameters."""
    nodes = [replace(n, inputs=type(n.inputs)(), outputs=()) for n in lenet().nodes[1:-1]]
    found = described(replace(lenet(), nodes=nodes, partial="it branches on values"))

    assert (found.partial, found.parameters) == ("it branches on values", 431_080)
    assert not found.is_complete


def test_sizes_that_it_does_not_have() -> None:
    """Are refused."""
    with pytest.raises(InputError, match="'height' is no size of this network"):
        described(lenet(), height=[3])
