"""Layers of PyTorch made from templates, and their first weights (dql.md §9)."""

import hashlib
import math
from collections.abc import Mapping, Sequence

import torch
from torch import nn

from modelhub.errors import InputError
from modelhub.network import BUFFER, LAYER, PARAMETER, Attribute, Node, State, all_templates
from modelhub.values import Shape
from modelhub.wrappers.torch.classes import CLASSES, TARGETS, LayerClass

_CLASSES: Mapping[tuple[str, str | None], type[nn.Module]] = {
    ("FULL", None): nn.Linear,
    ("RELU", None): nn.ReLU,
    ("GELU", None): nn.GELU,
    ("SILU", None): nn.SiLU,
    ("TANH", None): nn.Tanh,
    ("SIGMOID", None): nn.Sigmoid,
    ("HARDSWISH", None): nn.Hardswish,
    ("HARDSIGMOID", None): nn.Hardsigmoid,
    ("SOFTMAX", None): nn.Softmax,
    ("SOFTMAX", "LOG"): nn.LogSoftmax,
    ("NORM", "LAYER"): nn.LayerNorm,
    ("NORM", "RMS"): nn.RMSNorm,
    ("NORM", "GROUP"): nn.GroupNorm,
    ("LRN", None): nn.LocalResponseNorm,
    ("DROPOUT", None): nn.Dropout,
    ("FLATTEN", None): nn.Flatten,
}
_WINDOWS = {
    ("CONV", None): "Conv{}d",
    ("DECONV", None): "ConvTranspose{}d",
    ("POOL", "MAX"): "MaxPool{}d",
    ("POOL", "AVG"): "AvgPool{}d",
    ("NORM", "BATCH"): "BatchNorm{}d",
    ("NORM", "INSTANCE"): "InstanceNorm{}d",
}
_RANKS = (1, 2, 3)
_LIMIT = 1 << 31  # elements of a new layer


def make_layer(
    name: str,
    template: str,
    *,
    kind: str | None,
    attributes: Mapping[str, Attribute],
    given: Shape,
    dtype: str,
) -> tuple[Node, list[State]]:
    """A layer that takes a value of this shape, with its states.

    Args:
        name: of the node, and the path of its module.
        template: as queries call it.
        kind: None for the only one that there is.
        attributes: by standard names of the template, or those of PyTorch's class; how many
            channels or features come in is told by `given`.
        given: extents of the value that it reads.
        dtype: of that value, and of the parameters.

    Raises:
        InputError: no class of PyTorch is of this template and kind, or it refuses the
            attributes.
    """
    row = _row(name, template, kind, len(given))
    own = _own_names(name, row, attributes)
    full = {**_incoming(row, given, own), **own}
    missing = [each for each in _required(row) if each not in full]
    if missing:
        raise InputError(f"the new layer {name!r}, a {template}, needs {', '.join(missing)}")
    module = row.build(full)
    found = [
        State(
            name=f"{name}.{key}",
            kind=PARAMETER if isinstance(value, nn.Parameter) else BUFFER,
            dtype=dtype if value.is_floating_point() else _dtype_name(value),
            shape=tuple(value.shape),
        )
        for key, value in _tensors(module).items()
    ]
    if sum(math.prod(each.shape) for each in found) > _LIMIT:
        raise InputError(f"the new layer {name!r} has more than {_LIMIT:,} elements")
    node = Node(
        name=name,
        op=LAYER,
        template=row.template,
        kind=row.kind,
        target=row.target,
        attributes=row.read(module),
        states=[each.name for each in found],
        module=name,
    )
    return node, found


def first_weights(node: Node, states: Sequence[State], seed: int) -> dict[str, torch.Tensor]:
    """The weights that PyTorch gives to a new layer, the same for each seed and name.

    Raises:
        InputError: the class is none of ours.
    """
    row = TARGETS.get(node.target or "")
    if row is None:
        raise InputError(f"the layer {node.name!r} is a {node.target}, which cannot be built")
    digest = hashlib.sha256(f"{seed}:{node.name}".encode()).digest()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int.from_bytes(digest[:7], "big"))
        module = row.build(node.attributes).to_empty(device="cpu")
        reset = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    found = {f"{node.name}.{key}": each.detach() for key, each in _tensors(module).items()}
    return {
        state.name: found[state.name].to(getattr(torch, state.dtype))
        for state in states
        if state.name in found
    }


def _tensors(module: nn.Module) -> dict[str, torch.Tensor]:
    return {
        **dict(module.named_parameters(recurse=False)),
        **dict(module.named_buffers(recurse=False)),
    }


def _dtype_name(value: torch.Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def _row(name: str, template: str, kind: str | None, axes: int) -> LayerClass:
    """The class of a template, for values of as many axes."""
    kinds = {k for t, k in (*_CLASSES, *_WINDOWS) if t == template}
    if not kinds:
        known = sorted({t for t, _ in (*_CLASSES, *_WINDOWS)})
        raise InputError(f"no {template} can be put in; there are: {', '.join(known)}")
    kind = None if kind is None else kind.upper()
    if template in ("CONV", "DECONV") and kind in ("1D", "2D", "3D"):
        axes, kind = int(kind[0]) + 2, None
    if kind not in kinds:
        said = "no kind" if kind is None else f"the kind {kind!r}"
        shown = ", ".join(sorted(each or "none" for each in kinds))
        raise InputError(f"the new layer {name!r}, a {template}, has {said}; there are: {shown}")
    if (template, kind) in _CLASSES:
        return CLASSES[_CLASSES[template, kind]]
    rank = 1 if (template, axes) == ("NORM", 2) else axes - 2
    if rank not in _RANKS:
        raise InputError(f"the new layer {name!r}, a {template}, takes no value of {axes} axes")
    return CLASSES[getattr(nn, _WINDOWS[template, kind].format(rank))]


def _own_names(
    name: str, row: LayerClass, attributes: Mapping[str, Attribute]
) -> dict[str, Attribute]:
    """Attributes by the names of the class."""
    known = [*row.attributes, *(("bias",) if row.has_bias else ())]
    standard = all_templates()[row.template].attributes
    found = {}
    for key, value in attributes.items():
        own = next((each for each in (key, *standard.get(key, ())) if each in known), None)
        if own is None:
            raise InputError(
                f"the new layer {name!r} has no {key!r}; there are: {', '.join(known) or 'none'}"
            )
        found[own] = value
    return found


def _incoming(row: LayerClass, given: Shape, own: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """What the shape of the value that is read tells."""
    channels = given[1] if len(given) > 1 else 0
    last = given[-1] if given else 0
    told: dict[str, Attribute] = {
        "in_channels": channels,
        "num_features": channels,
        "num_channels": channels,
        "in_features": last,
        "normalized_shape": [last],
        "dim": -1,
    }
    same = {"out_channels": channels, "out_features": last} if row.has_bias else {}
    names = [each for each in row.attributes if each not in own]
    return {each: value for each, value in {**told, **same}.items() if each in names}


def _required(row: LayerClass) -> list[str]:
    return [each for each in row.attributes if each not in row.defaults]
