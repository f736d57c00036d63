"""Labels that are certain before all weights are read (progressive.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.wrappers.networks import Array, LevelledWeight, Weight
from modelhub.wrappers.torch.enclosures.enclosure import Mode, Propagation
from modelhub.wrappers.torch.enclosures.margins import (
    Margins,
    by_boxes,
    by_gradients,
    sets_by_boxes,
)
from modelhub.wrappers.torch.enclosures.walk import Values, Walk
from modelhub.wrappers.torch.lower import lower
from modelhub.wrappers.torch.run import TorchModel, array_of
from modelhub.wrappers.torch.stages import Stage, dense_suffix, stages_of
from modelhub.wrappers.torch.tensors import torch_dtype

TOLERANCE = 1e-5  # of what enters the suffix, relative, in the l2 norm
_HIGHEST = "highest"  # torch's word for products that are computed in float32
_CLASSES = 2  # extents of labels' scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one stage says of a batch.

    Attributes:
        labels: shape (batch, top); the first is the greatest.
        is_certain: shape (batch,); whether all weights would name these.
        scores: shape (batch, classes); at the last stage those of the network, before it such
            as put the labels first, and say nothing else.
    """

    labels: Array
    is_certain: Array
    scores: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Labels that are certain.

    Attributes:
        labels: shape (batch, top); which they are is certain, their order is that of the stage.
        stages: at which stage each became certain, counted from 0; shape (batch,).
    """

    labels: Array
    stages: Array


class ProgressiveModel:
    """A network whose weights are read as far as its inputs ask for; a stage is in memory.

    Args:
        network: of PyTorch's operators, in float32.
        weights: by the names of its states; those of fully connected layers by levels, too.
        top: how many of the greatest classes must be certain, as a set.
        tolerance: by how much, relative and in the l2 norm, what enters the suffix may differ
            in another evaluation.

    Raises:
        InputError: nothing can be proved of this network, says why; or weights do not fit.
    """

    def __init__(
        self,
        network: Network,
        weights: Mapping[str, LevelledWeight],
        *,
        top: int = 1,
        tolerance: float = TOLERANCE,
    ) -> None:
        empty = {name: _empty(each) for name, each in weights.items()}
        self._suffix = dense_suffix(network, empty)
        self.stages: Sequence[Stage] = stages_of(self._suffix)
        self._weights = weights
        self._top = top
        self._tolerance = tolerance
        self._reached = 0
        self._known: dict[str, int] = {}
        self._radii: dict[str, Tensor] = {}
        self._read: dict[str, int] = {}
        self._stored: dict[str, int] = {}
        self._in_full = sum(each.nbytes for name, each in empty.items() if name not in self._suffix)
        self._graph = lower(network)
        given: dict[str, Weight | Tensor] = dict(weights)
        given.update({name: empty[name] for name in self._suffix})
        self._model = TorchModel(network, given)  # type: ignore[arg-type]
        self._parameters = dict(self._model.module.named_parameters())
        self._read_stage()

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        return self._model.inputs

    @property
    def stage(self) -> int:
        """Which stage is in memory, counted from 0."""
        return self._reached

    @property
    def is_full(self) -> bool:
        """Whether all weights are in memory."""
        return not self.stages[self._reached].levels

    @property
    def stage_name(self) -> str:
        """What people are told of the stage in memory."""
        return self.stages[self._reached].name

    @property
    def bytes_in_full(self) -> int:
        """Bytes, in memory, of the weights that are read in full from the first stage on."""
        return self._in_full

    @property
    def bytes_suffix(self) -> int:
        """Stored bytes of the weights that are read by levels."""
        return sum(self._stored.values())

    @property
    def bytes_needed(self) -> int:
        """Stored bytes of the levels of them that were asked for so far, each counted once."""
        return sum(self._read.values())

    def advance(self) -> None:
        """Read what the next stage needs.

        Raises:
            InputError: all is read.
        """
        if self.is_full:
            raise InputError("all weights are read")
        self._reached += 1
        self._read_stage()

    def answer(self, batch: Mapping[str, Array]) -> Answer:
        """What the stage in memory says; at the last one, the plain evaluation itself.

        Raises:
            InputError: an input is missing or does not fit; the network gives no labels; or a
                node is used in a way that no rule covers.
        """
        if self.is_full:
            return self._plain(batch)
        if torch.get_float32_matmul_precision() != _HIGHEST:
            raise InputError(
                "products of matrices are set to less than float32, of which nothing is proved; "
                "call torch.set_float32_matmul_precision('highest')"
            )
        values = self._walk.entering(self._model.given(batch))
        if self._top > 1:
            found = sets_by_boxes(self._walk, values, self._how(Mode.BOX), self._top)
            return _answer(found, found.is_certain)
        return self._greatest(values)

    def decide(self, batch: Mapping[str, Array]) -> Decided:
        """Certain labels, and the earliest stage from the present one on at which each is.

        Reads on while an input is undecided. The last stage evaluates the whole batch.
        """
        answer = self.answer(batch)
        labels = answer.labels.copy()
        stages = np.full(len(labels), self._reached)
        open_rows = np.flatnonzero(~answer.is_certain)
        while len(open_rows):
            self.advance()
            rows = np.arange(len(labels)) if self.is_full else open_rows
            answer = self.answer({name: array[rows] for name, array in batch.items()})
            found = answer.labels[open_rows] if self.is_full else answer.labels
            certain = answer.is_certain[open_rows] if self.is_full else answer.is_certain
            labels[open_rows[certain]] = found[certain]
            stages[open_rows[certain]] = self._reached
            open_rows = open_rows[~certain]
        return Decided(labels=labels, stages=stages)

    def _plain(self, batch: Mapping[str, Array]) -> Answer:
        scores = self._model(batch)[0]
        if scores.ndim != _CLASSES:
            raise InputError(
                f"labels are read from values of shape (batch, classes), not {list(scores.shape)}"
            )
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self._top]
        certain = np.ones(len(order), bool)
        return Answer(labels=order.astype(np.int64), is_certain=certain, scores=scores)

    def _greatest(self, values: Values) -> Answer:
        """By boxes, and by gradients what boxes leave open."""
        boxes = by_boxes(self._walk, values, self._how(Mode.BOX))
        certain = boxes.is_certain
        if not bool(certain.all()):
            rivals = (boxes.below <= 0) & ~certain[:, None]
            found = by_gradients(self._walk, values, self._how(Mode.CENTRE), rivals)
            certain = certain | (found.is_certain & (found.labels == boxes.labels))
        return _answer(replace(boxes, labels=boxes.labels[:, None]), certain)

    def _how(self, mode: Mode) -> Propagation:
        return Propagation(mode=mode, tolerance=self._tolerance)

    def _read_stage(self) -> None:
        levels = self.stages[self._reached].levels
        for name in self._suffix:
            self._read_weight(name, levels.get(name))
        self._walk = Walk(self._model.module, self._graph, self._radii)

    def _read_weight(self, name: str, levels: int | None) -> None:
        parameter = self._parameters[name].detach()
        if levels is None:
            memory = parameter.reshape(-1).view(torch.uint8).numpy().data
            self._weights[name].read_into(memory)
            self._radii.pop(name, None)
            self._read[name] = self._stored[name]
        elif self._known.get(name) != levels:
            found = self._weights[name].levels(levels)
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(found.values)))
            self._radii[name] = torch.from_numpy(np.ascontiguousarray(found.radius))
            self._known[name] = levels
            self._read[name], self._stored[name] = found.bytes_read, found.bytes_stored


def _answer(found: Margins, is_certain: Tensor) -> Answer:
    top = found.labels.shape[1]
    ranks = torch.arange(top, 0, -1, dtype=torch.float32).expand(len(found.labels), top)
    scores = torch.zeros(found.below.shape).scatter(1, found.labels, ranks)
    return Answer(
        labels=array_of(found.labels), is_certain=array_of(is_certain), scores=array_of(scores)
    )


def _empty(weight: Weight) -> Tensor:
    return torch.empty(weight.shape, dtype=torch_dtype(weight.dtype))
