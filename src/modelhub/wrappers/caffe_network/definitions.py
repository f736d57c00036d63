"""Caffe's layers, whichever version of the format they are written in.

Source: https://github.com/BVLC/caffe/blob/master/src/caffe/proto/caffe.proto
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelhub.wrappers.caffe_network.prototxt import Message

# V1LayerParameter's types, as V2 calls them; those that only lost their underscores and
# capitals are not listed.
_V1 = {
    "ABSVAL": "AbsVal",
    "ACCURACY": "Accuracy",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "CONCAT": "Concat",
    "CONTRASTIVE_LOSS": "ContrastiveLoss",
    "CONVOLUTION": "Convolution",
    "DATA": "Data",
    "DECONVOLUTION": "Deconvolution",
    "DROPOUT": "Dropout",
    "DUMMY_DATA": "DummyData",
    "ELTWISE": "Eltwise",
    "EUCLIDEAN_LOSS": "EuclideanLoss",
    "EXP": "Exp",
    "FLATTEN": "Flatten",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "HINGE_LOSS": "HingeLoss",
    "IM2COL": "Im2col",
    "IMAGE_DATA": "ImageData",
    "INFOGAIN_LOSS": "InfogainLoss",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "MEMORY_DATA": "MemoryData",
    "MULTINOMIAL_LOGISTIC_LOSS": "MultinomialLogisticLoss",
    "MVN": "MVN",
    "POOLING": "Pooling",
    "POWER": "Power",
    "RELU": "ReLU",
    "SIGMOID": "Sigmoid",
    "SIGMOID_CROSS_ENTROPY_LOSS": "SigmoidCrossEntropyLoss",
    "SILENCE": "Silence",
    "SLICE": "Slice",
    "SOFTMAX": "Softmax",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "SPLIT": "Split",
    "TANH": "TanH",
    "THRESHOLD": "Threshold",
    "WINDOW_DATA": "WindowData",
}
_PHASES = {"TRAIN": "TRAIN", "TEST": "TEST", "0": "TRAIN", "1": "TEST"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A blob that the network is given, and its shape, if that is said."""

    blob: str
    shape: Sequence[int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A layer as it is written down.

    Attributes:
        type: in the names of the second version.
        parameters: those of its type, `convolution_param` for one.
        share: names under which its weights are shared with other layers, by place.
    """

    name: str
    type: str
    bottoms: Sequence[str]
    tops: Sequence[str]
    parameters: Mapping[str, Message]
    share: Sequence[str]

    def parameter(self, name: str) -> Message:
        """A message of parameters; an empty one if there is none."""
        return self.parameters.get(name, Message(fields={}))


def layers_of(net: Message, phase: str = "TEST") -> list[Layer]:
    """The layers of a network in a phase; those of other phases are left out."""
    written = [*net.messages("layers"), *net.messages("layer")]
    return [_layer(each) for each in written if _is_in(each, phase)]


def _layer(found: Message) -> Layer:
    kind = found.text("type")
    share = [str(name) for name in found.values("param")]  # the first version's
    share += [each.text("name") for each in found.messages("param")]
    parameters = {name: found.first(name) for name in found.fields if name.endswith("_param")}
    return Layer(
        name=found.text("name"),
        type=_V1.get(kind, kind),
        bottoms=[str(each) for each in found.values("bottom")],
        tops=[str(each) for each in found.values("top")],
        parameters=parameters,
        share=share,
    )


def _is_in(layer: Message, phase: str) -> bool:
    """Whether a layer is there: what it includes decides, else what it excludes.

    Rules that ask for a stage or a level speak of settings that a file alone has not: a rule that
    asks for a stage is not met, and levels are at least 0.
    """
    included = layer.messages("include")
    if included:
        return any(_meets(rule, phase) for rule in included)
    return not any(_meets(rule, phase) for rule in layer.messages("exclude"))


def _meets(rule: Message, phase: str) -> bool:
    wanted = _PHASES.get(rule.text("phase"), "")
    lowest, highest = rule.number("min_level", 0), rule.number("max_level", 0)
    if (wanted and wanted != phase) or lowest > 0 or highest < 0:
        return False
    return not rule.values("stage")


def inputs_of(net: Message) -> list[Input]:
    """What stands at the top of a network as its input: blobs, and their shapes or dimensions."""
    shapes = [each.numbers("dim") for each in net.messages("input_shape")]
    dims = net.numbers("input_dim")
    shapes = shapes or [dims[at : at + 4] for at in range(0, len(dims), 4)]
    found = []
    for at, name in enumerate(net.values("input")):
        shape = shapes[at] if at < len(shapes) else None
        found.append(Input(blob=str(name), shape=shape))
    return found
