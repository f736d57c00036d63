"""What is shown of a version's network: its layers with what they cost, repeats folded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from modelhub.network import (
    Block,
    LayerFootprint,
    Member,
    Network,
    evaluate_shape,
    find_blocks,
    footprint_of,
    unfolded,
)
from modelhub.values import BlobId, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedLayer:
    """A layer, or a block of layers that comes several times.

    Attributes:
        name: of the layer, or the block: `layers.0…31`.
        depth: in how many blocks it stands.
        repeats: how often it comes; 1 for a layer.
        template: what it is, if a template fits; of a block, the class of its module.
        kind: its variety.
        shape: of its first output; None where it is not known, and for blocks.
        parameters: elements of its parameters, tied ones at their first layer; of a block, of
            all repeats.
        macs: multiply-adds of products of matrices, of all repeats.
        flops: twice that.
        activation_bytes: memory of its outputs, of all repeats.
    """

    name: str
    depth: int
    repeats: int
    template: str | None
    kind: str | None
    shape: Shape | None
    parameters: int
    macs: int
    flops: int
    activation_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedNetwork:
    """A network and what it costs for one input.

    Attributes:
        id: of the network.
        dialect: whose operators it names.
        partial: why it has no edges, or None.
        sizes: of its symbols, as assumed.
        inputs: the shape of each input for these sizes.
        layers: in execution order.
        parameters: of all layers, tied ones once.
        macs: multiply-adds of products of matrices.
        flops: twice that.
        activation_bytes: of all outputs, what training keeps.
        peak_bytes: the most that is alive at a time when layers run one after the other.
        is_complete: whether all sizes are known; what is not counts 0.
    """

    id: BlobId
    dialect: str
    partial: str | None
    sizes: Mapping[str, int]
    inputs: Mapping[str, Shape]
    layers: Sequence[DescribedLayer]
    parameters: int
    macs: int
    flops: int
    activation_bytes: int
    peak_bytes: int
    is_complete: bool


def describe_network(
    network: Network, id_: BlobId, *, sizes: Mapping[str, Sequence[int]], unfold: bool
) -> DescribedNetwork:
    """A network for people: folded, and counted for an input.

    Raises:
        InputError: a size is unknown, or does not fit.
    """
    cost = footprint_of(network, sizes)
    by_name = {each.name: each for each in cost.layers}
    members: Sequence[tuple[int, Member]] = (
        [(0, network.by_name[name]) for name in by_name]
        if unfold or network.partial is not None
        else [(depth, each) for depth, each, _ in unfolded(find_blocks(network))]
    )
    return DescribedNetwork(
        id=id_,
        dialect=network.dialect,
        partial=network.partial,
        sizes=cost.sizes,
        inputs={
            node.name: evaluate_shape(node.outputs[0].shape, cost.sizes)
            for node in network.inputs
            if node.outputs
        },
        layers=list(_layers(members, by_name)),
        parameters=cost.parameters,
        macs=cost.macs,
        flops=cost.flops,
        activation_bytes=cost.activation_bytes,
        peak_bytes=cost.peak_bytes,
        is_complete=cost.is_complete,
    )


def _layers(
    members: Sequence[tuple[int, Member]], by_name: Mapping[str, LayerFootprint]
) -> Iterator[DescribedLayer]:
    for depth, each in members:
        if isinstance(each, Block):
            inside = [by_name[name] for repeat in each.repeats for name in repeat]
            yield _layer(each.name, depth, inside, repeats=each.count, template=each.kind or None)
        elif each.name in by_name:
            own = by_name[each.name]
            shape = own.shapes[0] if own.shapes else None
            yield _layer(each.name, depth, [own], template=own.template, kind=own.kind, shape=shape)


def _layer(
    name: str,
    depth: int,
    inside: Sequence[LayerFootprint],
    *,
    repeats: int = 1,
    template: str | None = None,
    kind: str | None = None,
    shape: Shape | None = None,
) -> DescribedLayer:
    macs = sum(each.macs for each in inside)
    return DescribedLayer(
        name=name,
        depth=depth,
        repeats=repeats,
        template=template,
        kind=kind,
        shape=shape,
        parameters=sum(each.parameters for each in inside),
        macs=macs,
        flops=2 * macs,
        activation_bytes=sum(each.activation_bytes for each in inside),
    )
