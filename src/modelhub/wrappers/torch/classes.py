"""PyTorch's own layers: the template of each class, and the attributes that it is built from.

One table serves both ways: capture reads the attributes of a module, rebuilding hands them to
the class again. A class that is not here is never built from a network.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from modelhub.errors import InputError
from modelhub.network import Attribute


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerClass:
    """A class of PyTorch that is one layer.

    Attributes:
        cls: the class.
        template, kind: what it is, in words that queries know.
        attributes: the constructor's arguments that are the module's attributes, too.
        has_bias: whether `bias` is an argument; the module then holds a tensor, or None.
    """

    cls: type[nn.Module]
    template: str
    kind: str | None = None
    attributes: tuple[str, ...] = ()
    has_bias: bool = False

    @property
    def target(self) -> str:
        """Its name in networks."""
        return f"torch.nn.{self.cls.__name__}"

    @property
    def defaults(self) -> dict[str, Any]:
        """The arguments of the constructor that have a default, and it."""
        parameters = inspect.signature(self.cls).parameters.values()
        return {each.name: each.default for each in parameters if each.default is not each.empty}

    def read(self, module: nn.Module) -> dict[str, Attribute]:
        """The attributes of a module of this class."""
        found = {name: _plain(getattr(module, name)) for name in self.attributes}
        if self.has_bias:
            found["bias"] = module.bias is not None
        return found

    def build(self, attributes: Mapping[str, Attribute]) -> nn.Module:
        """A module of this class, its tensors without memory.

        Raises:
            InputError: the class refuses the attributes.
        """
        known = {*self.attributes, *(("bias",) if self.has_bias else ())}
        given = {name: _tuples(value) for name, value in attributes.items() if name in known}
        try:
            return self.cls(**given, **self._placed())
        except (TypeError, ValueError, RuntimeError, AttributeError, OverflowError) as error:
            raise InputError(
                f"a network has a {self.target} of {given}, which cannot be: {error}"
            ) from None

    def _placed(self) -> dict[str, Any]:
        return {"device": "meta"} if _takes_device(self.cls) else {}


def _takes_device(cls: type[nn.Module]) -> bool:
    return "device" in inspect.signature(cls).parameters


def _plain(value: Any) -> Attribute:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    assert value is None or isinstance(value, bool | int | float | str), value
    return value


def _tuples(value: Attribute) -> Any:
    return tuple(_tuples(each) for each in value) if isinstance(value, list | tuple) else value


_CONV: tuple[str, ...] = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_CONV_REST = ("dilation", "groups", "padding_mode")
_MAX = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
_AVG = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
_BATCH = ("num_features", "eps", "momentum", "affine", "track_running_stats")
_DIMENSIONS = ("1", "2", "3")


def _by_dimension() -> Iterator[LayerClass]:
    for n in _DIMENSIONS:
        kind = f"{n}D"
        conv, deconv = getattr(nn, f"Conv{n}d"), getattr(nn, f"ConvTranspose{n}d")
        yield LayerClass(
            cls=conv, template="CONV", kind=kind, attributes=_CONV + _CONV_REST, has_bias=True
        )
        rest = ("output_padding", *_CONV_REST)
        yield LayerClass(
            cls=deconv, template="DECONV", kind=kind, attributes=_CONV + rest, has_bias=True
        )
        for kind, name, attributes in (
            ("MAX", f"MaxPool{n}d", _MAX),
            ("AVG", f"AvgPool{n}d", _AVG if n == "1" else (*_AVG, "divisor_override")),
            ("MAX", f"AdaptiveMaxPool{n}d", ("output_size",)),
            ("AVG", f"AdaptiveAvgPool{n}d", ("output_size",)),
            ("LP", f"LPPool{n}d", ("norm_type", "kernel_size", "stride", "ceil_mode")),
        ):
            yield LayerClass(
                cls=getattr(nn, name), template="POOL", kind=kind, attributes=attributes
            )
        yield LayerClass(
            cls=getattr(nn, f"BatchNorm{n}d"), template="NORM", kind="BATCH", attributes=_BATCH
        )
        yield LayerClass(
            cls=getattr(nn, f"InstanceNorm{n}d"),
            template="NORM",
            kind="INSTANCE",
            attributes=_BATCH,
        )
        yield LayerClass(
            cls=getattr(nn, f"Dropout{n}d"), template="DROPOUT", attributes=("p", "inplace")
        )


def _activations() -> Iterator[LayerClass]:
    inplace = ("inplace",)
    for cls, template, attributes in (
        (nn.ReLU, "RELU", inplace),
        (nn.ReLU6, "RELU", inplace),
        (nn.LeakyReLU, "RELU", ("negative_slope", "inplace")),
        (nn.ELU, "RELU", ("alpha", "inplace")),
        (nn.CELU, "RELU", ("alpha", "inplace")),
        (nn.SELU, "RELU", inplace),
        (nn.PReLU, "RELU", ("num_parameters",)),
        (nn.Hardtanh, "RELU", ("min_val", "max_val", "inplace")),
        (nn.GELU, "GELU", ("approximate",)),
        (nn.SiLU, "SILU", inplace),
        (nn.Mish, "SILU", inplace),
        (nn.Tanh, "TANH", ()),
        (nn.Sigmoid, "SIGMOID", ()),
        (nn.LogSigmoid, "SIGMOID", ()),
        (nn.Hardswish, "HARDSWISH", inplace),
        (nn.Hardsigmoid, "HARDSIGMOID", inplace),
        (nn.Dropout, "DROPOUT", ("p", "inplace")),
        (nn.AlphaDropout, "DROPOUT", ("p", "inplace")),
    ):
        yield LayerClass(cls=cls, template=template, attributes=attributes)


def _others() -> Iterator[LayerClass]:
    features = ("in_features", "out_features")
    yield LayerClass(cls=nn.Linear, template="FULL", attributes=features, has_bias=True)
    yield LayerClass(
        cls=nn.LayerNorm,
        template="NORM",
        kind="LAYER",
        attributes=("normalized_shape", "eps", "elementwise_affine"),
        has_bias=True,
    )
    group = ("num_groups", "num_channels", "eps", "affine")
    yield LayerClass(cls=nn.GroupNorm, template="NORM", kind="GROUP", attributes=group)
    rms = ("normalized_shape", "eps", "elementwise_affine")
    yield LayerClass(cls=nn.RMSNorm, template="NORM", kind="RMS", attributes=rms)
    lrn = ("size", "alpha", "beta", "k")
    yield LayerClass(cls=nn.LocalResponseNorm, template="LRN", attributes=lrn)
    yield LayerClass(cls=nn.Softmax, template="SOFTMAX", attributes=("dim",))
    yield LayerClass(cls=nn.LogSoftmax, template="SOFTMAX", kind="LOG", attributes=("dim",))
    yield LayerClass(cls=nn.Flatten, template="FLATTEN", attributes=("start_dim", "end_dim"))
    table: tuple[str, ...] = (
        "num_embeddings",
        "embedding_dim",
        "padding_idx",
        "max_norm",
        "norm_type",
    )
    table += ("scale_grad_by_freq", "sparse")
    yield LayerClass(cls=nn.Embedding, template="EMBED", attributes=table)
    image = ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor")
    yield LayerClass(cls=nn.Upsample, template="UPSAMPLE", attributes=image)
    for cls in (nn.UpsamplingNearest2d, nn.UpsamplingBilinear2d):
        yield LayerClass(cls=cls, template="UPSAMPLE", attributes=("size", "scale_factor"))
    yield LayerClass(cls=nn.PixelShuffle, template="UPSAMPLE", attributes=("upscale_factor",))


CLASSES: Mapping[type, LayerClass] = {
    each.cls: each for each in (*_by_dimension(), *_activations(), *_others())
}
TARGETS: Mapping[str, LayerClass] = {each.target: each for each in CLASSES.values()}

# Modules that are one layer although we do not build them: their operators are kept.
_WHOLE: tuple[tuple[type, str, str | None], ...] = (
    (nn.MultiheadAttention, "ATTENTION", None),
    (nn.LSTM, "RNN", "LSTM"),
    (nn.GRU, "RNN", "GRU"),
    (nn.RNN, "RNN", "RNN"),
)
_BY_NAME: tuple[tuple[re.Pattern[str], str, str | None], ...] = tuple(
    (re.compile(pattern), template, kind)
    for pattern, template, kind in (
        (r"RMSNorm$", "NORM", "RMS"),
        (r"LayerNorm", "NORM", "LAYER"),
        (r"GroupNorm", "NORM", "GROUP"),
        (r"BatchNorm", "NORM", "BATCH"),
        (r"Rotary", "ROPE", None),
        (r"Attention$", "ATTENTION", None),
        (r"GELU|Gelu", "GELU", None),
        (r"SiLU|Swish", "SILU", None),
        (r"^Conv1D$", "FULL", None),
        (r"Embedding", "EMBED", None),
        (r"LSTM", "RNN", "LSTM"),
        (r"GRU", "RNN", "GRU"),
    )
)


def known_layer(module: nn.Module) -> LayerClass | None:
    """The row of a module that does just what its class says, or None.

    A subclass, a hook, a forward of its own, or parameters under other names make it a stranger.
    """
    row = CLASSES.get(type(module))
    if row is None or "forward" in vars(module) or _has_hooks(module) or module._modules:  # noqa: SLF001
        return None
    try:
        attributes = row.read(module)
        fresh = row.build(attributes)
    except (InputError, AssertionError, AttributeError):
        return None
    same = _shapes(fresh) == _shapes(module)
    return row if same and not getattr(module, "return_indices", False) else None


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)  # noqa: SLF001


def _shapes(module: nn.Module) -> list[tuple[str, tuple[int, ...] | None]]:
    own = [*module._parameters.items(), *module._buffers.items()]  # noqa: SLF001
    return [(name, None if value is None else tuple(value.shape)) for name, value in own]


def whole_layer(module: nn.Module) -> tuple[str, str | None] | None:
    """Template and kind of a module that is one layer whatever it contains, or None."""
    for cls, template, kind in _WHOLE:
        if isinstance(module, cls):
            return template, kind
    return None


def guessed_layer(module: nn.Module) -> tuple[str, str | None]:
    """Template and kind of a module without children, by the name of its class."""
    name = type(module).__name__
    for pattern, template, kind in _BY_NAME:
        if pattern.search(name):
            return template, kind
    return "CUSTOM", name


def plain_attributes(module: nn.Module) -> dict[str, Attribute]:
    """The public attributes of a module that are numbers, texts, or sequences of them."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in vars(module).items()
        if not name.startswith("_") and name != "training" and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(each, bool | int | float | str) for each in value)
    return isinstance(value, bool | int | float | str)
