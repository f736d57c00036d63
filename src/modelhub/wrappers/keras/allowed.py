"""What of Keras may be built from what a file says: names, and nothing that is not named here.

Left out, whoever asks: what holds code (`Lambda`), wraps another framework (`TorchModuleWrapper`,
`TFSMLayer`, `JaxLayer`, `FlaxLayer`), reads files that a setting names (the lookups), calls what it
is given (`map`, `while_loop`), or makes arrays of a size that a setting names (`zeros`, `arange`).
"""

from modelhub.wrappers.keras.layers import RULES, WRAPPERS

CELLS = frozenset({"LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"})
LAYERS = frozenset(RULES) | WRAPPERS

# Settings that are objects: the module of Keras that has the class, and its classes.
OBJECTS: dict[str, frozenset[str]] = {
    "layers": LAYERS | CELLS,
    "initializers": frozenset(
        {
            *("Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity"),
            *("IdentityInitializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal"),
            *("OrthogonalInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal"),
            *("VarianceScaling", "Zeros"),
        }
    ),
    "regularizers": frozenset({"L1", "L1L2", "L2", "OrthogonalRegularizer"}),
    "constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "random": frozenset({"SeedGenerator"}),
}

_ELEMENTS = {
    *("abs", "absolute", "add", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2"),
    *("arctanh", "cbrt", "ceil", "clip", "cos", "cosh", "divide", "divide_no_nan", "equal", "erf"),
    *("exp", "expm1", "floor", "floor_divide", "greater", "greater_equal", "isfinite", "isinf"),
    *("isnan", "less", "less_equal", "log", "log10", "log1p", "log2", "logaddexp", "logical_and"),
    *("logical_not", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply"),
    *("nan_to_num", "negative", "not_equal", "power", "reciprocal", "round", "rsqrt", "sign"),
    *("sin", "sinh", "sqrt", "square", "stop_gradient", "subtract", "tan", "tanh", "true_divide"),
    *("trunc", "where"),
}
_REDUCTIONS = {
    *("all", "amax", "amin", "any", "argmax", "argmin", "argsort", "average", "count_nonzero"),
    *("cumprod", "cumsum", "logsumexp", "max", "mean", "median", "min", "norm", "prod", "sort"),
    *("std", "sum", "top_k", "var"),
}
_SHAPES = {
    *("broadcast_to", "cast", "concatenate", "copy", "diagonal", "expand_dims", "flip", "moveaxis"),
    *("one_hot", "pad", "ravel", "repeat", "reshape", "roll", "split", "squeeze", "stack"),
    *("swapaxes", "take", "take_along_axis", "tile", "transpose", "tril", "triu"),
}
_PRODUCTS = {"dot", "einsum", "inner", "matmul", "outer", "tensordot"}
_NEURAL = {
    *("average_pool", "batch_normalization", "celu", "conv", "conv_transpose", "depthwise_conv"),
    *("dot_product_attention", "elu", "gelu", "glu", "hard_sigmoid", "hard_silu", "hard_swish"),
    *("hard_tanh", "layer_normalization", "leaky_relu", "log_sigmoid", "log_softmax", "max_pool"),
    *("normalize", "relu", "relu6", "rms_normalization", "selu", "separable_conv", "sigmoid"),
    *("silu", "softmax", "softplus", "softsign", "sparsemax", "squareplus", "swish"),
    *("tanh_shrink", "threshold"),
}
OPERATIONS = frozenset(_ELEMENTS | _REDUCTIONS | _SHAPES | _PRODUCTS | _NEURAL)
