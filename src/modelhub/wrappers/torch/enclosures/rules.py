"""The one table of what is enclosed, and by which rule (progressive.md §4).

An operator that is not here has no rule: everything that it reads must then be known exactly.
"""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from modelhub.wrappers.torch.enclosures import functions, norms, pairs, pools
from modelhub.wrappers.torch.enclosures.enclosure import Enclosure, Product, Propagation
from modelhub.wrappers.torch.enclosures.products import convolution, linear

aten = torch.ops.aten
Rule: TypeAlias = Callable[..., Enclosure]
_SHARPEST = 2.0**-17  # logits nearer than this may look equal behind a softmax


def rule_of(target: Any, module: nn.Module | None) -> Rule | None:
    """The rule of an operator, or of a layer; None if there is none.

    A rule takes a `Propagation` and the arguments of the operator, in which values are
    enclosures; that of a layer takes the module and its `Product`, too.
    """
    if module is not None:
        rule = LAYERS.get(type(module))
        return rule if rule is not None and _fits(module) else None
    return OPERATORS.get(target)


def has_product(module: nn.Module | None) -> bool:
    """Whether a layer's weight may be known within a radius."""
    return isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d)


def _fits(module: Any) -> bool:
    """Whether a layer is of the variety that its rule is for."""
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        return module.padding_mode == "zeros"
    if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
        return module.running_mean is not None
    if isinstance(module, nn.MaxPool1d | nn.MaxPool2d | nn.MaxPool3d):
        return not module.return_indices
    if isinstance(module, nn.LeakyReLU):
        return 0 <= module.negative_slope <= 1
    return True


def _plain(function: Callable[[Tensor], Tensor], shape: functions.Shape) -> Rule:
    def rule(how: Propagation, _module: Any, _layer: Product | None, value: Enclosure) -> Enclosure:
        return functions.shaped(how, function, shape, how.entered(value))

    return rule


def _own(shape_of: Callable[[Any], functions.Shape]) -> Rule:
    def rule(how: Propagation, module: Any, _layer: Product | None, value: Enclosure) -> Enclosure:
        def function(given: Tensor) -> Tensor:
            return _as_it_is(module, given)

        return functions.shaped(how, function, shape_of(module), how.entered(value))

    return rule


def _as_it_is(module: Any, given: Tensor) -> Tensor:
    """What a layer gives, without writing into what it is given."""
    found: Tensor = module(given.clone() if getattr(module, "inplace", False) else given)
    return found


def _with_module(rule: Callable[[Propagation, Any, Enclosure], Enclosure]) -> Rule:
    def found(how: Propagation, module: Any, _layer: Product | None, value: Enclosure) -> Enclosure:
        return rule(how, module, how.entered(value))

    return found


def _linear(how: Propagation, _module: Any, layer: Product, value: Enclosure) -> Enclosure:
    return linear(how, layer, value)


def _convolution(how: Propagation, module: Any, layer: Product, value: Enclosure) -> Enclosure:
    return convolution(how, module, layer, value)


def _relu(how: Propagation, _module: Any, _layer: Product | None, value: Enclosure) -> Enclosure:
    return functions.relu(how, how.entered(value))


def _same(_how: Propagation, _module: Any, _layer: Product | None, value: Enclosure) -> Enclosure:
    return value


def _max_pool(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
    return pools.largest(how, module, value.centre[0, 0].numel(), value)


def _average_pool(dimensions: int) -> Callable[[Propagation, Any, Enclosure], Enclosure]:
    def rule(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
        terms = pools.window(module.kernel_size, dimensions)
        return pools.average(how, module, terms, value)

    return rule


def _adaptive_pool(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
    return pools.average(how, module, value.centre[0, 0].numel(), value)


def _module_view(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
    return _moved(how, value, module)


def _softmax_layer(how: Propagation, module: Any, value: Enclosure) -> Enclosure:
    rule = _log_softmax if isinstance(module, nn.LogSoftmax) else _softmax
    return rule(how, value, module.dim)


LAYERS: Mapping[type, Rule] = {
    nn.Linear: _linear,
    **dict.fromkeys((nn.Conv1d, nn.Conv2d, nn.Conv3d), _convolution),
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), _with_module(norms.batch)),
    nn.LayerNorm: _with_module(norms.layer),
    nn.RMSNorm: _with_module(norms.root_mean_square),
    nn.ReLU: _relu,
    nn.ReLU6: _plain(functional.relu6, functions.RELU6),
    nn.LeakyReLU: _own(lambda module: functions.leaky(module.negative_slope)),
    nn.Hardtanh: _own(lambda module: functions.clamped(module.min_val, module.max_val)),
    nn.GELU: _own(lambda module: functions.gelu(module.approximate)),
    nn.SiLU: _plain(functional.silu, functions.SILU),
    nn.Tanh: _plain(torch.tanh, functions.TANH),
    nn.Sigmoid: _plain(torch.sigmoid, functions.SIGMOID),
    nn.Hardsigmoid: _plain(functional.hardsigmoid, functions.HARD_SIGMOID),
    nn.Hardswish: _plain(functional.hardswish, functions.HARD_SWISH),
    **dict.fromkeys((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d), _with_module(_max_pool)),
    **{
        kind: _with_module(_average_pool(dimensions))
        for dimensions, kind in enumerate((nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d), 1)
    },
    **dict.fromkeys(
        (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
        _with_module(_adaptive_pool),
    ),
    **dict.fromkeys(
        (nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
        _with_module(_max_pool),
    ),
    **dict.fromkeys((nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout), _same),
    nn.Flatten: _with_module(_module_view),
    nn.Softmax: _with_module(_softmax_layer),
    nn.LogSoftmax: _with_module(_softmax_layer),
}


def _moved(how: Propagation, value: Enclosure, place: Callable[[Tensor], Tensor]) -> Enclosure:
    """A value whose elements only change places; norms survive where the rows stay."""
    value = how.entered(value)
    assert value.radius is not None
    centre, radius = place(value.centre), place(value.radius)
    if centre.shape[:1] != value.centre.shape[:1]:
        raise NotImplementedError  # rows are the inputs of the batch, and stay so
    rows = min(value.rows, 1) if centre.shape != value.centre.shape else value.rows
    is_same_row = value.rows == 1 == rows and centre.shape[:1] == value.centre.shape[:1]
    is_whole = centre.numel() == value.centre.numel()
    norm = value.norm if is_same_row and is_whole else None
    logits = value.logits if centre.shape == value.centre.shape else None
    if norm is None and how.has_norms:
        norm = how.norm_of(radius, rows)
    return Enclosure(centre=centre, radius=radius, norm=norm, rows=rows, logits=logits)


def _mover(function: Callable[..., Tensor]) -> Rule:
    def rule(how: Propagation, value: Enclosure, *args: Any, **kwargs: Any) -> Enclosure:
        return _moved(how, value, lambda given: function(given, *args, **kwargs))

    return rule


def _permute(how: Propagation, value: Enclosure, dims: Any) -> Enclosure:
    if dims[0] % len(dims) != 0:
        raise NotImplementedError
    return _moved(how, value, lambda given: given.permute(*dims))


def _transpose(how: Propagation, value: Enclosure, first: int, second: int) -> Enclosure:
    count = value.centre.dim()
    if 0 in {first % count, second % count} and first % count != second % count:
        raise NotImplementedError
    return _moved(how, value, lambda given: given.transpose(first, second))


def _function(function: Callable[..., Tensor], shape: functions.Shape) -> Rule:
    def rule(how: Propagation, value: Enclosure, *args: Any, **kwargs: Any) -> Enclosure:
        called = partial(_called, function, args, kwargs)
        return functions.shaped(how, called, shape, how.entered(value))

    return rule


def _called(function: Any, args: Any, kwargs: Any, given: Tensor) -> Tensor:
    found: Tensor = function(given, *args, **kwargs)
    return found


def _positive(how: Propagation, value: Enclosure) -> Enclosure:
    return functions.relu(how, how.entered(value))


def _leaky(how: Propagation, value: Enclosure, slope: float = 0.01) -> Enclosure:
    if not 0 <= slope <= 1:
        raise NotImplementedError
    function = partial(functional.leaky_relu, negative_slope=slope)
    return functions.shaped(how, function, functions.leaky(slope), how.entered(value))


def _gelu(how: Propagation, value: Enclosure, *, approximate: str = "none") -> Enclosure:
    function = partial(functional.gelu, approximate=approximate)
    return functions.shaped(how, function, functions.gelu(approximate), how.entered(value))


def _dropout(how: Propagation, value: Enclosure, _share: Any, is_training: Any) -> Enclosure:
    if is_training:
        raise NotImplementedError
    return how.entered(value)


def _add(how: Propagation, first: Any, second: Any, *, alpha: float = 1.0) -> Enclosure:
    return pairs.add(how, _value(how, first), _value(how, second), scale=float(alpha))


def _subtract(how: Propagation, first: Any, second: Any, *, alpha: float = 1.0) -> Enclosure:
    return _add(how, first, second, alpha=-alpha)


def _multiply(how: Propagation, first: Any, second: Any) -> Enclosure:
    return pairs.multiply(how, _value(how, first), _value(how, second))


def _divide(how: Propagation, value: Enclosure, by: Any) -> Enclosure:
    if isinstance(by, Enclosure) or by == 0:
        raise NotImplementedError
    return pairs.scaled(how, how.entered(value), 1 / float(by))


def _value(how: Propagation, given: Any) -> Enclosure:
    """An operand: an enclosure, or a number, which is exact."""
    if isinstance(given, Enclosure):
        return how.entered(given)
    if not isinstance(given, int | float):
        raise NotImplementedError
    centre = torch.tensor(float(given), dtype=how.dtype)
    return Enclosure(centre=centre, radius=torch.zeros_like(centre), rows=0)


def _join(how: Propagation, values: list[Enclosure], dim: int = 0) -> Enclosure:
    entered = [how.entered(each) for each in values]
    if dim % entered[0].centre.dim() == 0 or not all(each.rows for each in entered):
        raise NotImplementedError
    return pairs.join(how, entered, dim)


def _matrices(how: Propagation, first: Enclosure, second: Enclosure) -> Enclosure:
    return pairs.matrices(how, how.entered(first), how.entered(second))


def _softmax(how: Propagation, value: Enclosure, dim: int, *_: Any) -> Enclosure:
    """A softmax over the last extent."""
    value = _along_last(how, value, dim)
    return _keeping_label(pairs.softmax(how, value), value)


def _log_softmax(how: Propagation, value: Enclosure, dim: int, *_: Any) -> Enclosure:
    """The logarithm of a softmax: of what is behind it, only the label is enclosed."""
    value = _along_last(how, value, dim)
    centre = value.centre.log_softmax(-1)
    unknown = how.close(centre, torch.full_like(centre, math.inf), rows=value.rows)
    return _keeping_label(unknown, value)


def _along_last(how: Propagation, value: Enclosure, dim: int) -> Enclosure:
    if dim not in {-1, value.centre.dim() - 1}:
        raise NotImplementedError
    return how.entered(value)


def _keeping_label(found: Enclosure, value: Enclosure) -> Enclosure:
    if value.logits is None:
        return found
    return replace(found, logits=replace(value.logits, slack=value.logits.slack + _SHARPEST))


def _mean(how: Propagation, value: Enclosure, dim: Any = None, keepdim: bool = False) -> Enclosure:  # noqa: FBT001, FBT002 - the operator's own
    value = how.entered(value)
    axes = tuple(range(value.centre.dim())) if dim is None else tuple(dim)
    if any(axis % value.centre.dim() == 0 for axis in axes):
        raise NotImplementedError
    terms = math.prod(value.centre.shape[axis] for axis in axes)
    return pools.average(how, lambda given: given.mean(axes, keepdim), terms, value)


def _attention(  # noqa: PLR0917 - the operator's own
    how: Propagation,
    query: Enclosure,
    key: Enclosure,
    value: Enclosure,
    attn_mask: Any = None,
    dropout_p: Any = 0.0,  # noqa: ARG001 - the operator's own; evaluation drops nothing
    is_causal: bool = False,  # noqa: FBT001, FBT002
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Enclosure:
    if enable_gqa or (attn_mask is not None and not attn_mask.is_exact):
        raise NotImplementedError
    mask = None if attn_mask is None else attn_mask.centre
    entered = (how.entered(each) for each in (query, key, value))
    return pairs.attention(how, *entered, mask=mask, is_causal=is_causal, scale=scale)


def _first(how: Propagation, value: Any, index: Any) -> Any:
    del how
    return value[index]


_MOVES = (
    *(aten.reshape.default, aten.flatten.using_ints, aten.unsqueeze.default, aten.squeeze.dim),
    *(aten.squeeze.default, aten.squeeze.dims, aten.contiguous.default, aten.clone.default),
    *(aten.slice.Tensor, aten.select.int, aten.expand.default, aten.alias.default),
    *(aten.detach.default, aten.unflatten.int),
)
OPERATORS: Mapping[Any, Rule] = {
    **{move: _mover(move) for move in _MOVES},
    **dict.fromkeys((aten.view.default, aten._unsafe_view.default), _mover(aten.reshape.default)),  # noqa: SLF001
    aten.permute.default: _permute,
    aten.transpose.int: _transpose,
    **dict.fromkeys((aten.relu.default, aten.relu_.default), _positive),
    **dict.fromkeys((aten.leaky_relu.default, aten.leaky_relu_.default), _leaky),
    **dict.fromkeys(
        (aten.relu6.default, aten.relu6_.default), _function(functional.relu6, functions.RELU6)
    ),
    aten.gelu.default: _gelu,
    **dict.fromkeys(
        (aten.silu.default, aten.silu_.default), _function(functional.silu, functions.SILU)
    ),
    **dict.fromkeys((aten.tanh.default, aten.tanh_.default), _function(torch.tanh, functions.TANH)),
    **dict.fromkeys(
        (aten.sigmoid.default, aten.sigmoid_.default),
        _function(torch.sigmoid, functions.SIGMOID),
    ),
    aten.hardsigmoid.default: _function(functional.hardsigmoid, functions.HARD_SIGMOID),
    **dict.fromkeys(
        (aten.hardswish.default, aten.hardswish_.default),
        _function(functional.hardswish, functions.HARD_SWISH),
    ),
    **dict.fromkeys((aten.add.Tensor, aten.add_.Tensor), _add),
    **dict.fromkeys((aten.sub.Tensor, aten.sub_.Tensor), _subtract),
    **dict.fromkeys((aten.mul.Tensor, aten.mul_.Tensor), _multiply),
    aten.div.Tensor: _divide,
    aten.dropout.default: _dropout,
    aten.cat.default: _join,
    **dict.fromkeys((aten.matmul.default, aten.bmm.default, aten.mm.default), _matrices),
    aten.softmax.int: _softmax,
    aten.log_softmax.int: _log_softmax,
    aten.mean.dim: _mean,
    aten.scaled_dot_product_attention.default: _attention,
    operator.getitem: _first,
}
