"""ATen operators as layers: their templates, their attributes, and which only rearrange."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import fx

from modelhub.network import Attribute
from modelhub.wrappers.torch.targets import base_of

_TEMPLATES: Mapping[str, tuple[str, str | None]] = {
    base: (template, kind)
    for template, kind, bases in (
        ("CONV", "1D", "conv1d"),
        ("CONV", "2D", "conv2d"),
        ("CONV", "3D", "conv3d"),
        ("DECONV", "1D", "conv_transpose1d"),
        ("DECONV", "2D", "conv_transpose2d"),
        ("DECONV", "3D", "conv_transpose3d"),
        ("FULL", None, "linear addmm"),
        ("POOL", "MAX", "max_pool1d max_pool2d max_pool3d adaptive_max_pool1d"),
        ("POOL", "MAX", "adaptive_max_pool2d adaptive_max_pool3d max_pool2d_with_indices"),
        ("POOL", "AVG", "avg_pool1d avg_pool2d avg_pool3d"),
        ("POOL", "AVG", "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d"),
        ("RELU", None, "relu relu6 leaky_relu elu selu celu prelu hardtanh threshold"),
        ("GELU", None, "gelu"),
        ("SILU", None, "silu mish"),
        ("TANH", None, "tanh"),
        ("SIGMOID", None, "sigmoid log_sigmoid"),
        ("HARDSWISH", None, "hardswish"),
        ("HARDSIGMOID", None, "hardsigmoid"),
        ("SOFTMAX", None, "softmax _softmax"),
        ("SOFTMAX", "LOG", "log_softmax _log_softmax"),
        ("NORM", "BATCH", "batch_norm native_batch_norm"),
        ("NORM", "LAYER", "layer_norm native_layer_norm"),
        ("NORM", "GROUP", "group_norm"),
        ("NORM", "RMS", "rms_norm"),
        ("NORM", "INSTANCE", "instance_norm"),
        ("DROPOUT", None, "dropout alpha_dropout feature_dropout feature_alpha_dropout"),
        ("EMBED", None, "embedding embedding_bag"),
        ("ATTENTION", None, "scaled_dot_product_attention"),
        ("RNN", "LSTM", "lstm lstm_cell"),
        ("RNN", "GRU", "gru gru_cell"),
        ("RNN", "RNN", "rnn_tanh rnn_relu rnn_tanh_cell rnn_relu_cell"),
        ("ADD", None, "add"),
        ("SUB", None, "sub rsub"),
        ("MUL", None, "mul"),
        ("DIV", None, "div"),
        ("CONCAT", None, "cat concat stack hstack vstack"),
        ("MATMUL", None, "matmul mm bmm baddbmm einsum _grouped_mm"),
        ("REDUCE", "MEAN", "mean"),
        ("REDUCE", "SUM", "sum"),
        ("REDUCE", "MAX", "max amax"),
        ("FLATTEN", None, "flatten"),
        ("UPSAMPLE", None, "upsample_nearest1d upsample_nearest2d upsample_nearest3d"),
        ("UPSAMPLE", None, "upsample_linear1d upsample_bilinear2d upsample_bicubic2d"),
        ("UPSAMPLE", None, "upsample_trilinear3d pixel_shuffle"),
    )
    for base in bases.split()
}
_PLUMBING = frozenset(
    [
        "view",
        "reshape",
        "permute",
        "transpose",
        "t",
        "swapaxes",
        "movedim",
        "expand",
        "expand_as",
        "view_as",
        "slice",
        "select",
        "narrow",
        "unsqueeze",
        "squeeze",
        "contiguous",
        "clone",
        "sym_size",
        "sym_numel",
        "sym_stride",
        "sym_storage_offset",
        "to",
        "_to_copy",
        "type_as",
        "alias",
        "detach",
        "split",
        "split_with_sizes",
        "chunk",
        "unbind",
        "unflatten",
        "item",
        "repeat",
        "repeat_interleave",
        "lift_fresh_copy",
        "_unsafe_view",
        "_reshape_alias",
        "flip",
        "roll",
        "zeros",
        "ones",
        "full",
        "empty",
        "zeros_like",
        "ones_like",
        "full_like",
        "empty_like",
        "new_zeros",
        "new_ones",
        "new_full",
        "new_empty",
        "arange",
        "scalar_tensor",
        "fill",
        "copy",
        "copy_",
        "numpy_T",
        "mT",
        "mH",
        "tensor_split",
        "hsplit",
        "vsplit",
        "unfold",
        "diagonal",
        "broadcast_to",
        "resolve_conj",
        "resolve_neg",
    ]
)
# Operators whose sizes stand in their weights: the position of the weight, and the names that
# its extents give (None: not named). Channels of a transposed convolution come first.
_SIZES: Mapping[str, tuple[int, Sequence[str | None]]] = {
    "linear": (1, ("out_features", "in_features")),
    "embedding": (0, ("num_embeddings", "embedding_dim")),
    "batch_norm": (3, ("num_features",)),
    "instance_norm": (1, ("num_features",)),
}
_ARGUMENTS = {"p_", "train", "training", "cudnn_enable", "cudnn_enabled", "use_input_stats"}


def template_of(function: Any) -> tuple[str, str | None]:
    """The template and kind of an operator; OP and its name if no template fits."""
    base = _plain(base_of(function))
    return _TEMPLATES.get(base, ("OP", base))


def only_rearranges(function: Any) -> bool:
    """Whether an operator is plumbing: it moves, casts or makes what it computes nothing of."""
    base = base_of(function)
    return (
        not isinstance(function, torch._ops.OpOverload)  # noqa: SLF001 - sizes
        or base in _PLUMBING
        or _plain(base) in _PLUMBING
    )


def _plain(base: str) -> str:
    """`relu` of `relu_`: what computes in place is the same layer."""
    return base[:-1] if base.endswith("_") and not base.endswith("__") else base


def attributes_of(node: fx.Node) -> dict[str, Attribute]:
    """The arguments of an operator that are no tensors, by name; its sizes where they show."""
    found: dict[str, Attribute] = {}
    for position, argument in enumerate(node.target._schema.arguments):  # type: ignore[union-attr]  # noqa: SLF001
        if "Tensor" in str(argument.type) or argument.name in _ARGUMENTS:
            continue
        value = _value(node, position, argument)
        if _is_plain(value):
            found[argument.name] = list(value) if isinstance(value, tuple) else value
    return found | _sizes(node)


def _value(node: fx.Node, position: int, argument: Any) -> Any:
    if position < len(node.args):
        return node.args[position]
    if argument.name in node.kwargs:
        return node.kwargs[argument.name]
    return argument.default_value if argument.has_default_value() else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value)) and bool(value)
    return isinstance(value, bool | int | float | str)


def _sizes(node: fx.Node) -> dict[str, Attribute]:
    base = base_of(node.target)
    if base.startswith("conv"):
        return _channels(node, is_transposed=base.startswith("conv_transpose"))
    if base not in _SIZES:
        return {}
    position, names = _SIZES[base]
    shape = _shape(node, position)
    return {name: extent for name, extent in zip(names, shape, strict=False) if name}


def _channels(node: fx.Node, *, is_transposed: bool) -> dict[str, Attribute]:
    first, second, *kernel = _shape(node, 1) or (None, None)
    groups = node.args[6] if len(node.args) > 6 else node.kwargs.get("groups", 1)  # noqa: PLR2004
    if not isinstance(groups, int) or not isinstance(first, int) or not isinstance(second, int):
        return {}
    inside, outside = (first, second * groups) if is_transposed else (second * groups, first)
    return {"in_channels": inside, "out_channels": outside, "kernel_size": kernel}


def _shape(node: fx.Node, position: int) -> tuple[int, ...]:
    """The extents of an argument that is a weight; none if it has none, or they may move."""
    given = node.args[position] if position < len(node.args) else None
    value = given.meta.get("val") if isinstance(given, fx.Node) else None
    shape = tuple(value.shape) if isinstance(value, torch.Tensor) else ()
    return shape if all(isinstance(each, int) for each in shape) else ()
