"""Data of a trial: a part to train on, shuffled, and a part that is only measured on."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from modelhub.evaluation import Batch, DataSource, Field
from modelhub.trials.space import MIX

_READ = 256  # examples at once, where the order of examples matters


class Part:
    """Some of the examples of a data source; memory is that of a batch.

    Example i is in the measured part of share s where ⌊(i+1)·s⌋ is more than ⌊i·s⌋: evenly
    spread, so that data sorted by label give all labels to both parts.
    """

    def __init__(self, source: DataSource, share: float, *, is_measured: bool) -> None:
        self._source, self._share, self._is_measured = source, share, is_measured

    @property
    def fields(self) -> Mapping[str, Field]:
        """Those of the source, with fewer examples."""
        return {name: replace(f, count=self._count(f.count)) for name, f in self._fields()}

    @property
    def classes(self) -> Sequence[str]:
        """Those of the source."""
        return self._source.classes

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """The examples of this part; batches of the source, each with the others left out."""
        first = 0
        for batch in self._source.batches(size, fields):
            count = len(next(iter(batch.values())))
            chosen = self._chosen(first, count)
            first += count
            if chosen.any():
                yield {name: array[chosen] for name, array in batch.items()}

    def content(self) -> str:
        """The id of all data."""
        return self._source.content()

    def _fields(self) -> Iterator[tuple[str, Field]]:
        yield from self._source.fields.items()

    def _chosen(self, first: int, count: int) -> npt.NDArray[np.bool_]:
        places = np.floor(np.arange(first, first + count + 1) * self._share)
        chosen: npt.NDArray[np.bool_] = (np.diff(places) > 0) == self._is_measured
        return chosen

    def _count(self, count: int | None) -> int | None:
        if count is None:
            return None
        measured = int(np.floor(count * self._share))
        return measured if self._is_measured else count - measured


class Shuffled:
    """A data source in another order each time that it is gone through.

    Examples are drawn from a buffer, in which the next one takes the place of the one that was
    drawn: memory is that of the buffer, and the order is that of the seed.
    """

    def __init__(self, source: DataSource, *, seed: int, buffer: int) -> None:
        self._source, self._seed, self._buffer = source, seed, buffer
        self._epoch = 0

    @property
    def fields(self) -> Mapping[str, Field]:
        """Those of the source."""
        return self._source.fields

    @property
    def classes(self) -> Sequence[str]:
        """Those of the source."""
        return self._source.classes

    def content(self) -> str:
        """The id of the data."""
        return self._source.content()

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """All examples once, `size` of them at a time; the last batch may be smaller."""
        chance = random.Random(self._seed * MIX + self._epoch)  # noqa: S311 - no secret
        self._epoch += 1
        drawn: list[Batch] = []
        for example in self._drawn(chance, fields):
            drawn.append(example)
            if len(drawn) == size:
                yield _stacked(drawn)
                drawn = []
        if drawn:
            yield _stacked(drawn)

    def _drawn(self, chance: random.Random, fields: Sequence[str]) -> Iterator[Batch]:
        held: list[Batch] = []
        for batch in self._source.batches(_READ, fields):
            for row in range(len(next(iter(batch.values())))):
                example = {name: array[row] for name, array in batch.items()}
                if len(held) < self._buffer:
                    held.append(example)
                    continue
                place = chance.randrange(len(held))
                yield held[place]
                held[place] = example
        chance.shuffle(held)
        yield from held


def _stacked(examples: Sequence[Batch]) -> Batch:
    return {name: np.stack([each[name] for each in examples]) for name in examples[0]}
