"""Which trials there are: a grid, or random ones; strategies that learn are elsewhere."""

from typing import Protocol

from modelhub.plugins import Registry
from modelhub.trials.rules import Metrics
from modelhub.trials.space import Point, Space


class Search(Protocol):
    """Decides what is tried, trial by trial.

    It is told of the trials in the order in which they end; of those that ended before a run
    was killed, too.
    """

    @property
    def count(self) -> int:
        """How many trials there are."""
        ...

    def point(self, number: int) -> tuple[int, Point]:
        """The candidate and the point of a trial that begins now."""
        ...

    def resume(self, number: int, candidate: int, point: Point) -> None:
        """A trial that has been run before; its reports and end follow."""
        ...

    def refuses(self, number: int, step: int, metrics: Metrics) -> str | None:
        """Why a trial that reports this is to stop; None if it goes on."""
        ...

    def end(self, number: int, *, has_failed: bool) -> None:
        """A trial has ended."""
        ...


class _Fixed:
    """Trials that do not depend on each other."""

    def resume(self, number: int, candidate: int, point: Point) -> None:
        """Nothing is learned."""

    def refuses(self, _number: int, _step: int, _metrics: Metrics) -> str | None:
        """None is stopped."""
        return None

    def end(self, number: int, *, has_failed: bool) -> None:
        """Nothing is learned."""


class Grid(_Fixed):
    """Each candidate with each point."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.count = space.size

    def point(self, number: int) -> tuple[int, Point]:
        """The last setting goes fastest."""
        return self._space.at(number)


class Drawn(_Fixed):
    """Trials drawn by chance, each by its own number."""

    def __init__(self, space: Space, *, count: int, seed: int) -> None:
        self._space, self._seed, self.count = space, seed, count

    def point(self, number: int) -> tuple[int, Point]:
        """The same for each number, in whatever order they are asked for."""
        return self._space.drawn(self._seed, number)


class LearningSearch(Protocol):
    """Makes a search that learns."""

    def __call__(
        self, kind: str, space: Space, *, metric: str, is_falling: bool, options: dict[str, int]
    ) -> Search:
        """A search of a kind: tpe, gp, asha or hyperband."""
        ...


# Called like the extra that it needs.
SEARCHES: Registry[LearningSearch] = Registry(
    "modelhub.search_strategies", {"tune": "modelhub.trials.tuning:OptunaSearch"}
)
