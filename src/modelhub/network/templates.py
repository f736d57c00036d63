"""Layer templates: what a layer is, whatever framework it comes from (paper, Sec. III-B).

A stranger adds one through the entry-point group `modelhub.templates`; the entry point leads to
a `Template`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from modelhub.network.graph import Attribute, Node
from modelhub.plugins import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A kind of layer.

    Attributes:
        name: as queries say it, in capitals.
        summary: what it computes, in a few words.
        kinds: its varieties; empty if it has none.
        attributes: standard name -> the names that frameworks give it, the first one that a
            node has counts: `kernel` is `kernel_size` in one and `kernel_shape` in another.
        aliases: other names of it.
        classes: module classes that are such layers, as `Name` or `package.module.Name`.
    """

    name: str
    summary: str
    kinds: Sequence[str] = ()
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aliases: Sequence[str] = ()
    classes: Sequence[str] = ()


_WINDOW: dict[str, Sequence[str]] = {
    "kernel": ("kernel_size", "kernel_shape", "pool_size", "kernel"),
    "stride": ("stride", "strides"),
    "padding": ("padding", "pads", "pad"),
    "dilation": ("dilation", "dilations", "dilation_rate"),
}
_CHANNELS: dict[str, Sequence[str]] = {
    "in_channels": ("in_channels",),
    "out_channels": ("out_channels", "num_output", "filters"),
    "groups": ("groups", "group"),
}
_EPS: dict[str, Sequence[str]] = {"eps": ("eps", "epsilon")}

_TABLE = (
    Template(name="INPUT", summary="what the network is given"),
    Template(name="OUTPUT", summary="what the network returns"),
    Template(
        name="CONV",
        summary="convolution",
        kinds=("1D", "2D", "3D"),
        attributes=_WINDOW | _CHANNELS,
    ),
    Template(
        name="DECONV",
        summary="transposed convolution",
        kinds=("1D", "2D", "3D"),
        attributes=_WINDOW | _CHANNELS,
    ),
    Template(
        name="POOL",
        summary="pooling over windows, or over all positions",
        kinds=("MAX", "AVG", "LP"),
        attributes=_WINDOW | {"output_size": ("output_size",)},
    ),
    Template(
        name="FULL",
        summary="fully connected layer: a matrix times the input, plus a bias",
        attributes={
            "in_features": ("in_features",),
            "out_features": ("out_features", "num_output", "units"),
        },
        aliases=("LINEAR", "FC", "DENSE"),
    ),
    Template(name="RELU", summary="the larger of the input and 0, and its kin"),
    Template(name="GELU", summary="Gaussian error linear unit"),
    Template(name="SILU", summary="the input times its sigmoid", aliases=("SWISH",)),
    Template(name="TANH", summary="hyperbolic tangent"),
    Template(name="SIGMOID", summary="logistic function"),
    Template(name="HARDSWISH", summary="piecewise linear SILU"),
    Template(name="HARDSIGMOID", summary="piecewise linear sigmoid"),
    Template(
        name="SOFTMAX",
        summary="exponentials, made to sum to 1",
        kinds=("LOG",),
        attributes={"dim": ("dim", "axis")},
    ),
    Template(
        name="NORM",
        summary="normalization",
        kinds=("BATCH", "LAYER", "RMS", "GROUP", "INSTANCE"),
        attributes=_EPS | {"features": ("num_features", "normalized_shape", "num_channels")},
    ),
    Template(name="LRN", summary="local response normalization", attributes={"size": ("size",)}),
    Template(
        name="DROPOUT",
        summary="elements set to 0 at random while training",
        attributes={"p": ("p", "rate", "ratio", "dropout_ratio")},
    ),
    Template(
        name="EMBED",
        summary="rows of a table, chosen by index",
        attributes={
            "entries": ("num_embeddings", "input_dim"),
            "features": ("embedding_dim", "output_dim"),
        },
        aliases=("EMBEDDING",),
    ),
    Template(
        name="ATTENTION",
        summary="attention",
        attributes={"heads": ("num_heads", "num_attention_heads")},
    ),
    Template(
        name="RNN",
        summary="recurrent layer",
        kinds=("LSTM", "GRU", "RNN"),
        attributes={"features": ("hidden_size", "units"), "layers": ("num_layers",)},
        aliases=("LSTM", "GRU"),
    ),
    Template(name="ADD", summary="sum of inputs, element by element"),
    Template(name="SUB", summary="difference of inputs"),
    Template(name="MUL", summary="product of inputs, element by element"),
    Template(name="DIV", summary="quotient of inputs"),
    Template(name="CONCAT", summary="inputs put together along one axis"),
    Template(name="MATMUL", summary="product of two computed matrices"),
    Template(
        name="REDUCE", summary="sum, mean or extreme along axes", kinds=("MEAN", "SUM", "MAX")
    ),
    Template(name="FLATTEN", summary="several axes made one"),
    Template(name="UPSAMPLE", summary="a larger image by interpolation", aliases=("RESIZE",)),
    Template(name="ROPE", summary="rotary position embedding"),
    Template(name="CUSTOM", summary="a module that no template fits; its kind is its class"),
    Template(name="OP", summary="an operator that no template fits; its kind is its name"),
)
TEMPLATES: Mapping[str, Template] = {each.name: each for each in _TABLE}
ALIASES: Mapping[str, str] = {alias: each.name for each in _TABLE for alias in each.aliases}
STRANGERS: Registry[Template] = Registry("modelhub.templates", {})


@cache
def all_templates() -> Mapping[str, Template]:
    """Ours, then strangers', by name; ours win. Entry points are looked at once a process."""
    strangers = [STRANGERS.get(name) for name in STRANGERS]
    return {each.name: each for each in strangers} | dict(TEMPLATES)


def standard_attributes(node: Node) -> dict[str, Attribute]:
    """A node's attributes by the standard names of its template; others are left out.

    >>> conv = Node(name="c", op="layer", template="CONV", attributes={"kernel_size": [5, 5]})
    >>> standard_attributes(conv)
    {'kernel': [5, 5]}
    """
    template = all_templates().get(node.template or "")
    if template is None:
        return {}
    found = {}
    for standard, names in template.attributes.items():
        name = next((each for each in names if each in node.attributes), None)
        if name is not None:
            found[standard] = node.attributes[name]
    return found
