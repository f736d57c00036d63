"""ONNX's operators, and the layer templates that they are.

Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OPSET = 28  # the latest that this table knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What an operator is.

    Attributes:
        template: the layer template; None for plumbing.
        kind: its variety.
        inputs: what its inputs are called.
        weights: which of them are the layer's own where they are states, by place.
        buffers: which of these are no parameters.
    """

    template: str | None = None
    kind: str | None = None
    inputs: Sequence[str] = ()
    weights: Sequence[int] = ()
    buffers: Sequence[int] = ()


def _layer(template: str, kind: str | None = None, inputs: str = "input") -> Operator:
    """A layer; the names of weights end with `!`, of buffers with `!!`."""
    names = inputs.split()
    return Operator(
        template=template,
        kind=kind,
        inputs=[name.rstrip("!") for name in names],
        weights=[place for place, name in enumerate(names) if name.endswith("!")],
        buffers=[place for place, name in enumerate(names) if name.endswith("!!")],
    )


def _plumbing(inputs: str) -> Operator:
    return Operator(inputs=inputs.split())


_RECURRENT = "X W! R! B! sequence_lens initial_h"

OPERATORS: Mapping[str, Operator] = {
    "Conv": _layer("CONV", inputs="X W! B!"),
    "ConvInteger": _layer("CONV", inputs="x w! x_zero_point w_zero_point!"),
    "QLinearConv": _layer(
        "CONV",
        inputs="x x_scale x_zero_point w! w_scale! w_zero_point! y_scale y_zero_point B!",
    ),
    "DeformConv": _layer("CONV", inputs="X W! offset B! mask"),
    "ConvTranspose": _layer("DECONV", inputs="X W! B!"),
    "Gemm": _layer("FULL", inputs="A B! C!"),
    "MatMul": _layer("MATMUL", inputs="A B"),
    "MatMulInteger": _layer("MATMUL", inputs="A B a_zero_point b_zero_point"),
    "QLinearMatMul": _layer(
        "MATMUL", inputs="a a_scale a_zero_point b b_scale b_zero_point y_scale y_zero_point"
    ),
    "Einsum": _layer("MATMUL", inputs="inputs"),
    "MaxPool": _layer("POOL", "MAX", "X"),
    "AveragePool": _layer("POOL", "AVG", "X"),
    "LpPool": _layer("POOL", "LP", "X"),
    "GlobalMaxPool": _layer("POOL", "MAX", "X"),
    "GlobalAveragePool": _layer("POOL", "AVG", "X"),
    "GlobalLpPool": _layer("POOL", "LP", "X"),
    "BatchNormalization": _layer("NORM", "BATCH", "X scale! B! input_mean!! input_var!!"),
    "LayerNormalization": _layer("NORM", "LAYER", "X Scale! B!"),
    "RMSNormalization": _layer("NORM", "RMS", "X scale!"),
    "GroupNormalization": _layer("NORM", "GROUP", "X scale! bias!"),
    "InstanceNormalization": _layer("NORM", "INSTANCE", "input scale! B!"),
    "LRN": _layer("LRN", inputs="X"),
    "Relu": _layer("RELU"),
    "LeakyRelu": _layer("RELU", "LEAKY"),
    "PRelu": _layer("RELU", "PRELU", "X slope!"),
    "Elu": _layer("RELU", "ELU"),
    "Selu": _layer("RELU", "SELU"),
    "Celu": _layer("RELU", "CELU"),
    "ThresholdedRelu": _layer("RELU", "THRESHOLDED"),
    "Gelu": _layer("GELU"),
    "Swish": _layer("SILU"),
    "Tanh": _layer("TANH"),
    "Sigmoid": _layer("SIGMOID"),
    "HardSwish": _layer("HARDSWISH"),
    "HardSigmoid": _layer("HARDSIGMOID"),
    "Softmax": _layer("SOFTMAX"),
    "LogSoftmax": _layer("SOFTMAX", "LOG"),
    "Dropout": _layer("DROPOUT", inputs="data ratio training_mode"),
    "Attention": _layer("ATTENTION", inputs="Q K V attn_mask past_key past_value"),
    "LSTM": _layer("RNN", "LSTM", _RECURRENT + " initial_c P!"),
    "GRU": _layer("RNN", "GRU", _RECURRENT),
    "RNN": _layer("RNN", "RNN", _RECURRENT),
    "RotaryEmbedding": _layer("ROPE", inputs="X cos_cache sin_cache position_ids"),
    "Add": _layer("ADD", inputs="A B"),
    "Sum": _layer("ADD", inputs="data"),
    "Sub": _layer("SUB", inputs="A B"),
    "Mul": _layer("MUL", inputs="A B"),
    "Div": _layer("DIV", inputs="A B"),
    "Concat": _layer("CONCAT", inputs="inputs"),
    "Flatten": _layer("FLATTEN"),
    "Resize": _layer("UPSAMPLE", inputs="X roi scales sizes"),
    "Upsample": _layer("UPSAMPLE", inputs="X scales"),
    "ReduceMean": _layer("REDUCE", "MEAN", "data axes"),
    "ReduceSum": _layer("REDUCE", "SUM", "data axes"),
    "ReduceMax": _layer("REDUCE", "MAX", "data axes"),
} | {
    f"Reduce{name}": _layer("REDUCE", name.upper(), "data axes")
    for name in ("Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")
}

PLUMBING: Mapping[str, Operator] = {
    "Reshape": _plumbing("data shape"),
    "Transpose": _plumbing("data"),
    "Squeeze": _plumbing("data axes"),
    "Unsqueeze": _plumbing("data axes"),
    "Cast": _plumbing("input"),
    "CastLike": _plumbing("input target_type"),
    "BitCast": _plumbing("input"),
    "Shape": _plumbing("data"),
    "Size": _plumbing("data"),
    "Slice": _plumbing("data starts ends axes steps"),
    "Gather": _plumbing("data indices"),
    "GatherElements": _plumbing("data indices"),
    "GatherND": _plumbing("data indices"),
    "Expand": _plumbing("input shape"),
    "Tile": _plumbing("input repeats"),
    "Split": _plumbing("input split"),
    "Identity": _plumbing("input"),
    "ConstantOfShape": _plumbing("input"),
    "Range": _plumbing("start limit delta"),
    "DepthToSpace": _plumbing("input"),
    "SpaceToDepth": _plumbing("input"),
}

# With graphs inside: control flow, which is kept as it is.
CONTROL = frozenset({"If", "Loop", "Scan", "SequenceMap"})

# Operators of ONNX's own domain that are no layers: their template is OP.
_OTHERS = """Abs Acos Acosh AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Bernoulli BitShift
    BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow CausalConvWithState Ceil CenterCropPad
    Col2Im Compress ConcatFromSequence Constant Cos Cosh CumProd CumSum DFT Det
    DynamicQuantizeLinear Equal Erf Exp EyeLike Floor Greater GreaterOrEqual GridSample
    HammingWindow HannWindow Hardmax ImageDecoder IsInf IsNaN Less LessOrEqual LinearAttention Log
    LpNormalization Max MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish
    Mod Multinomial Neg NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not Optional
    OptionalGetElement OptionalHasElement Or RandomNormal RandomNormalLike RandomUniform
    RandomUniformLike Reciprocal RegexFullMatch ReverseSequence RoiAlign Round STFT Scatter
    ScatterElements ScatterND SequenceAt SequenceConstruct SequenceEmpty SequenceErase
    SequenceInsert SequenceLength Shrink Sign Sin Sinh SoftmaxCrossEntropyLoss Softplus Softsign
    SplitToSequence Sqrt StringConcat StringNormalizer StringSplit SwiGLU Tan TensorScatter
    TfIdfVectorizer Trilu Unique Xor"""
OTHERS: Mapping[str, Sequence[str]] = {
    "Clip": ("input", "min", "max"),
    "Pad": ("data", "pads", "constant_value", "axes"),
    "Where": ("condition", "X", "Y"),
    "Pow": ("X", "Y"),
    "TopK": ("X", "K"),
    "OneHot": ("indices", "depth", "values"),
    "QuantizeLinear": ("x", "y_scale", "y_zero_point"),
    "DequantizeLinear": ("x", "x_scale", "x_zero_point"),
} | dict.fromkeys(_OTHERS.split(), ())


def operator_of(name: str) -> Operator | None:
    """What is known of an operator of ONNX's own domain; None if there is none of that name."""
    known = OPERATORS.get(name) or PLUMBING.get(name)
    if known is not None:
        return known
    if name in OTHERS:
        return Operator(template="OP", kind=name, inputs=OTHERS[name])
    return None
