"""Where networks come from, and what runs them: the protocols, and who implements them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy.typing as npt

from modelhub.network import Attribute, Network, Node, State
from modelhub.plugins import Registry
from modelhub.values import Shape, TensorId
from modelhub.wrappers.state import Bytes

Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A network as a wrapper found it.

    Attributes:
        network: without its weights.
        tensors: values of its constants and transient buffers (dtype, shape, elements).
        notes: what the user should know, a line each.
    """

    network: Network
    tensors: Mapping[TensorId, Bytes] = field(default_factory=dict)
    notes: Sequence[str] = ()


class NetworkReader(Protocol):
    """Reads the network that files describe; executes nothing that they hold."""

    name: str

    def claims(self, path: Path) -> bool:
        """Whether a file describes a network of its kind; cheap, and never raises."""
        ...

    def read(self, path: Path) -> Captured:
        """The network of a file; the same each time.

        Raises:
            InputError: it describes no network that we can read; says why.
        """
        ...


class ModuleWrapper(Protocol):
    """Captures a framework's module that is in memory."""

    def capture(
        self, module: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Captured:
        """The network of a module, by following it on example inputs.

        A module that cannot be followed gives a partial network, whose `partial` says why.

        Raises:
            InputError: the example inputs do not fit the module.
        """
        ...

    def state(self, module: Any) -> Mapping[str, object]:
        """The module's state dict, tensors not copied."""
        ...

    def example(self, dtype: str, shape: Shape) -> Any:
        """A tensor of zeros, as the framework's modules take them."""
        ...

    def build(self, network: Network, weights: Mapping[str, "Weight | Any"]) -> Any:
        """A module that trains, from a network and its weights alone; in evaluation mode.

        Its state dict has the keys of the module that was captured, in the same order.

        Args:
            network: of this framework's dialect, not partial.
            weights: by state name: those of a snapshot, and those that the network keeps; the
                framework's tensors are used as they are, others are read once.

        Raises:
            InputError: the network cannot be run, or weights are missing or do not fit; names
                them and their shapes.
        """
        ...

    def source(self, network: Network) -> str:
        """Readable Python that defines what `build` gives, and runs without this software.

        Raises:
            InputError: the network cannot be run.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Extents:
    """What the nodes of a network give at the sizes at which it was captured.

    Attributes:
        values: dtype and extents by node, up to where something does not fit.
        problem: None, or which node does not fit, and what was expected, in a line.
    """

    values: Mapping[str, tuple[str, Shape]]
    problem: str | None


@runtime_checkable
class LayerMaker(Protocol):
    """A framework whose networks can be changed."""

    def make_layer(
        self,
        name: str,
        template: str,
        *,
        kind: str | None,
        attributes: Mapping[str, Attribute],
        given: Shape,
        dtype: str,
    ) -> tuple[Node, Sequence[State]]:
        """A layer that takes a value of this shape, with its states.

        Raises:
            InputError: there is none of this template and kind, or it cannot have the attributes.
        """
        ...

    def extents(self, network: Network) -> Extents:
        """Run a network on shapes alone.

        Raises:
            InputError: it cannot be run, whatever the shapes.
        """
        ...

    def reshaped(self, network: Network) -> Network:
        """The network with the shapes that its nodes now have.

        Raises:
            InputError: something does not fit; says which node, and what was expected.
        """
        ...

    def first_weights(self, node: Node, states: Sequence[State], seed: int) -> Mapping[str, Any]:
        """The weights of a new layer, the same for each seed and name."""
        ...


class Weight(Protocol):
    """A stored tensor, by dtype and shape; read when it is asked for."""

    @property
    def dtype(self) -> str:
        """The name of its dtype."""
        ...

    @property
    def shape(self) -> Shape:
        """Its extents."""
        ...

    def read_into(self, out: memoryview) -> None:
        """Its elements, little-endian in C order, into memory of exactly their size."""
        ...


class KnownLevels(Protocol):
    """What the first levels of a tensor say of its elements."""

    @property
    def values(self) -> Array:
        """Mid-points, of the tensor's shape."""
        ...

    @property
    def radius(self) -> Array:
        """Every element lies within it of its mid-point.

        It is infinite where the element may be infinite or no number.
        """
        ...

    @property
    def bytes_read(self) -> int:
        """Stored bytes that were read."""
        ...

    @property
    def bytes_stored(self) -> int:
        """Stored bytes of all levels."""
        ...


@runtime_checkable
class LevelledWeight(Weight, Protocol):
    """A stored tensor that can be read by its first levels."""

    def levels(self, count: int) -> KnownLevels:
        """Mid-points and bounds from the first `count` levels alone.

        Raises:
            InputError: its dtype has no levels with bounds, or there is no such level.
        """
        ...


class Model(Protocol):
    """A network with weights, ready to be evaluated."""

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        ...

    def __call__(self, batch: Mapping[str, Array]) -> list[Array]:
        """What it returns for a batch, in order.

        Raises:
            InputError: an input is missing, or of another shape or dtype.
        """
        ...


@runtime_checkable
class Reloadable(Model, Protocol):
    """A model whose weights can be changed; one that is none is loaded anew."""

    def reload(self, weights: Mapping[str, Weight]) -> None:
        """Take other weights of the same network in the place of those that it has.

        Args:
            weights: as for `Runner.load`.

        Raises:
            InputError: weights are missing or do not fit; the model must not be used any more.
        """
        ...


class Runner(Protocol):
    """Makes networks of one dialect run."""

    def load(
        self, network: Network, weights: Mapping[str, Weight], files: Mapping[str, Path]
    ) -> Model:
        """A model that can be evaluated.

        Args:
            network: not partial.
            weights: by state name: those of a snapshot, and those that the network keeps; none
                for runners that need files.
            files: the version's files of the snapshot, by path, written out; only for
                runners that need them (`needs_files`).

        Raises:
            InputError: weights are missing or do not fit; names them and their shapes.
        """
        ...

    needs_files: bool


class StageAnswer(Protocol):
    """What one stage says of a batch."""

    @property
    def labels(self) -> Array:
        """The greatest classes, shape (batch, top)."""
        ...

    @property
    def is_certain(self) -> Array:
        """Whether all weights would name these, shape (batch,)."""
        ...

    @property
    def scores(self) -> Array:
        """Such as put the labels first; at the last stage the network's, (batch, classes)."""
        ...


class StagedModel(Protocol):
    """A network whose weights are read as far as its inputs ask for."""

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        ...

    @property
    def stage_name(self) -> str:
        """What people are told of the stage in memory."""
        ...

    @property
    def is_full(self) -> bool:
        """Whether all weights are in memory: then it is the plain evaluation."""
        ...

    @property
    def bytes_needed(self) -> int:
        """Stored bytes of the levels that were asked for, each counted once."""
        ...

    @property
    def bytes_suffix(self) -> int:
        """Stored bytes of the weights that are read by levels."""
        ...

    @property
    def bytes_in_full(self) -> int:
        """Bytes, in memory, of the weights that are read in full."""
        ...

    def advance(self) -> None:
        """Read what the next stage needs."""
        ...

    def answer(self, batch: Mapping[str, Array]) -> StageAnswer:
        """What the stage in memory says.

        Raises:
            InputError: an input does not fit, or nothing can be proved; says why.
        """
        ...


@runtime_checkable
class LevelRunner(Protocol):
    """A runner that can prove labels before all weights are read."""

    def load_by_levels(
        self, network: Network, weights: Mapping[str, LevelledWeight], *, top: int
    ) -> StagedModel:
        """A model at its first stage; the set of the `top` greatest classes is to be certain.

        Raises:
            InputError: nothing can be proved of the network; says why, and the way out.
        """
        ...


NETWORK_READERS: Registry[NetworkReader] = Registry(
    "modelhub.networks",
    {
        "caffe": "modelhub.wrappers.caffe_network.reader:reader",
        "keras": "modelhub.wrappers.keras.reader:reader",
        "onnx": "modelhub.wrappers.onnx.reader:reader",
        "transformers": "modelhub.wrappers.transformers.reader:READER",
    },
)
MODULES: Registry[ModuleWrapper] = Registry(
    "modelhub.modules",
    {
        "keras": "modelhub.wrappers.keras.wrapper:MODULES",
        "torch": "modelhub.wrappers.torch.wrapper:MODULES",
    },
)
RUNNERS: Registry[Runner] = Registry(
    "modelhub.runners",
    {
        "keras": "modelhub.wrappers.keras.run:RUNNER",
        "onnx": "modelhub.wrappers.onnxruntime:runner",
        "torch": "modelhub.wrappers.torch.runner:RUNNER",
    },
)
# Dialect -> what runs it: the name of an extra, and in the registry.
FRAMEWORKS: Mapping[str, str] = {"aten": "torch", "onnx": "onnx"}
