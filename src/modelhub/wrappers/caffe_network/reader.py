"""Networks of Caffe's prototxt files: blobs become edges, and layers in place their own values."""

import re
from collections.abc import Sequence
from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.network import (
    FUNCTION,
    INPUT,
    LAYER,
    OUTPUT,
    Arguments,
    Attribute,
    Node,
    State,
    Symbol,
    SymbolicShape,
    Value,
)
from modelhub.recipes import caffe_blob_name, shown
from modelhub.values import Json, Shape
from modelhub.wrappers.caffe_network.definitions import Input, Layer, inputs_of, layers_of
from modelhub.wrappers.caffe_network.layers import Blob, MaybeShape, described, settings
from modelhub.wrappers.caffe_network.prototxt import TextError, parse_prototxt
from modelhub.wrappers.drafts import NetworkDraft, reference
from modelhub.wrappers.networks import Captured
from modelhub.wrappers.texts import head_of, read_text

MAX_BYTES = 8 << 20
MAX_EXTENT = 1 << 40
_LAYER = re.compile(rb"^\s*(?:layers?\s*:?\s*\{|input\s*:|name\s*:)", re.MULTILINE)
_SOLVER = re.compile(rb"^\s*(?:base_lr|max_iter|lr_policy|train_net|net)\s*:", re.MULTILINE)
_DATA = {
    *("Data", "ImageData", "HDF5Data", "MemoryData", "WindowData", "Input", "DummyData"),
    *("Python", "Parameter"),
}
_FUNCTIONS = {"ADD", "MUL", "CONCAT", "OP"}


class CaffeNetwork:
    """Reads the network that is there while testing."""

    name = "caffe"

    def claims(self, path: Path) -> bool:
        """By the name, and by how it begins; settings of a solver are no network."""
        if path.suffix.lower() not in (".prototxt", ".pbtxt"):
            return False
        head = head_of(path)
        return _LAYER.search(head) is not None and _SOLVER.search(head) is None

    def read(self, path: Path) -> Captured:
        """The network of a file.

        Raises:
            DamagedFileError: it is no prototxt of a network; says the line.
        """
        try:
            net = parse_prototxt(read_text(path, limit=MAX_BYTES))
            return _Builder(inputs_of(net), layers_of(net)).captured()
        except (TextError, RecursionError) as error:
            raise DamagedFileError(f"{path} is no network of Caffe: {error}") from None


class _Builder:
    """Follows the blobs from layer to layer.

    A blob's name stands for what was written into it last: a layer whose top is its bottom gives
    a new value under the old name, which those after it read.
    """

    def __init__(self, inputs: Sequence[Input], layers: Sequence[Layer]) -> None:
        self._inputs, self._layers = inputs, layers
        self._draft = NetworkDraft("caffe")
        self._blobs: dict[str, Json] = {}
        self._shapes: dict[str, MaybeShape] = {}
        self._shared: dict[str, str] = {}
        self._unread: dict[str, Json] = {}

    def captured(self) -> Captured:
        """The network.

        Raises:
            TextError: a layer reads a blob that nothing before it gives.
        """
        if not self._layers:
            raise TextError("it has no layers for testing")
        for each in self._inputs:
            self._put_input(each.blob, _shape(each.shape))
        for layer in self._layers:
            self._put(layer)
        self._draft.add(
            Node(
                name=self._draft.name("output"),
                op=OUTPUT,
                template="OUTPUT",
                attributes={"names": list(self._unread)},
                inputs=Arguments(args=list(self._unread.values())),
            )
        )
        return self._draft.captured()

    def _put_input(self, blob: str, shape: MaybeShape, name: str = "") -> None:
        added = self._draft.add(
            Node(
                name=self._draft.name(name or blob, "data"),
                op=INPUT,
                template="INPUT",
                attributes={"argument": blob},
                outputs=_values([shape]),
            )
        )
        self._give(blob, reference(added.name), shape)

    def _give(self, blob: str, found: Json, shape: MaybeShape) -> None:
        self._blobs[blob], self._shapes[blob] = found, shape
        self._unread[blob] = found

    def _put(self, layer: Layer) -> None:
        if layer.type in _DATA and not layer.bottoms:
            self._put_data(layer)
        elif layer.type != "Silence":
            self._put_layer(layer)
        else:
            for blob in layer.bottoms:
                self._unread.pop(blob, None)

    def _put_data(self, layer: Layer) -> None:
        shapes = _data_shapes(layer)
        for at, blob in enumerate(layer.tops):
            shape = shapes[at] if at < len(shapes) else None
            for extent in shape or ():
                if isinstance(extent, str):
                    self._draft.symbol(extent, Symbol(example=1, min=1))
            self._put_input(blob, shape, layer.name if at == 0 else blob)

    def _put_layer(self, layer: Layer) -> None:
        for blob in layer.bottoms:
            if blob not in self._blobs:
                raise TextError(
                    f"the layer {shown(layer.name)!r} reads the blob {shown(blob)!r}, "
                    "which nothing before it gives"
                )
        found = described(layer, [self._shapes[blob] for blob in layer.bottoms])
        if not found.is_known:
            self._draft.unknown(layer.type)
        reads = [self._blobs[blob] for blob in layer.bottoms]
        for blob in layer.bottoms:
            self._unread.pop(blob, None)
        attributes: dict[str, Attribute] = dict(found.attributes)
        if found.template == "CUSTOM":
            for message in layer.parameters.values():
                attributes |= settings(message)
        shapes = [*found.outputs, *[None] * len(layer.tops)][: len(layer.tops)]
        name = self._draft.name(layer.name, layer.type)
        states = self._states(name, layer, found.blobs)
        self._draft.add(
            Node(
                name=name,
                op=FUNCTION if found.template in _FUNCTIONS and not found.blobs else LAYER,
                template=found.template,
                kind=found.kind,
                target=layer.type,
                attributes=attributes,
                inputs=Arguments(args=reads),
                states=states,
                module=name,
                outputs=_values(shapes),
            )
        )
        for at, (blob, shape) in enumerate(zip(layer.tops, shapes, strict=True)):
            self._give(blob, reference(name, at), shape)

    def _states(self, name: str, layer: Layer, blobs: Sequence[Blob]) -> list[str]:
        found = []
        for place, blob in enumerate(blobs):
            shape = _numbers(blob.shape)
            if shape is None:
                self._draft.note(
                    "the shape of the input is not said, so that weights have no shapes here"
                )
                continue
            wanted = f"{name}.{caffe_blob_name(layer.type, place)}"
            share = layer.share[place] if place < len(layer.share) else ""
            tied = self._shared.get(share) if share else None
            state = State(name=wanted, kind=blob.kind, dtype="float32", shape=shape, tied=tied)
            found.append(self._draft.state(state))
            if share:
                self._shared.setdefault(share, found[-1])
        return found


def _numbers(shape: MaybeShape) -> Shape | None:
    found = tuple(each for each in shape or () if isinstance(each, int))
    return found if shape is not None and len(found) == len(shape) else None


def _shape(written: Sequence[int] | None) -> MaybeShape:
    if not written or not all(0 < extent < MAX_EXTENT for extent in written):
        return None
    return tuple(written)


def _values(shapes: Sequence[MaybeShape]) -> list[Value]:
    """What is known of the values that a layer gives (docs/spec/network.md §2)."""
    if len(shapes) == 1 and shapes[0] is None:
        return []
    unknown = Value(dtype="", shape=())
    return [unknown if shape is None else Value(dtype="float32", shape=shape) for shape in shapes]


def _data_shapes(layer: Layer) -> list[MaybeShape]:
    """Shapes of what a data layer gives, as far as its parameters say them."""
    for name in ("input_param", "dummy_data_param"):
        parameters = layer.parameter(name)
        shapes = parameters.messages("shape")
        if shapes:
            found = [_shape(each.numbers("dim")) for each in shapes]
            return found if len(found) > 1 else found * len(layer.tops)
    memory = layer.parameter("memory_data_param")
    sizes = [memory.number(name, 0) for name in ("batch_size", "channels", "height", "width")]
    if all(sizes):
        return [_shape(sizes), _shape(sizes[:1])]
    crop = layer.parameter("transform_param").number("crop_size", 0)
    batch = next(
        (
            each.number("batch_size", 0)
            for each in layer.parameters.values()
            if "batch_size" in each.fields
        ),
        0,
    )
    if min(crop, batch) > 0 and max(crop, batch) < MAX_EXTENT:
        image: SymbolicShape = (batch, "channels", crop, crop)
        return [image, (batch,)]
    return []


reader = CaffeNetwork()
