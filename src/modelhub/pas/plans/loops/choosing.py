"""Which loops work here: the compiled ones, or the reference."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast

from modelhub.config import read_environment
from modelhub.pas.plans.graph import Edges, Groups, Ids, Reals
from modelhub.pas.plans.loops.reference.pieces import Marks
from modelhub.pas.plans.loops.reference.program import Facilities, Forest

_HERE = "modelhub.pas.plans.loops"
_EXTENSION = f"{_HERE}._plans"
_REFERENCE = f"{_HERE}.reference"


class Loops(Protocol):
    """Functions on arrays, told in `reference`; all implementations give the same results.

    Arrays are contiguous; what is written is written in place. They come from a `StorageGraph`,
    which has checked them: ids that are out of range are not looked for again.
    """

    def arborescence(self, edges: Edges, weight: Reals, plan: Ids, /) -> object:
        """The tree of the least weight."""
        ...

    def shortest_paths(self, edges: Edges, distance: Reals, plan: Ids, /) -> object:
        """The tree of the least recreation."""
        ...

    def distances(self, edges: Edges, plan: Ids, distance: Reals, /) -> object:
        """Recreation in a tree."""
        ...

    def balance(
        self,
        edges: Edges,
        tree: Ids,
        nearest: Reals,
        shortest: Ids,
        alpha: float,
        plan: Ids,
        /,
    ) -> object:
        """LAST."""
        ...

    def chop(
        self,
        edges: Edges,
        tree: Ids,
        ceiling: Reals,
        nearest: Reals,
        shortest: Ids,
        plan: Ids,
        /,
    ) -> object:
        """A tree whose vertices keep their ceilings."""
        ...

    def shared_costs(self, edges: Edges, groups: Groups, plan: Ids, cost: Reals, /) -> object:
        """What groups cost if shared work is done once."""
        ...

    def swap_parents(self, edges: Edges, groups: Groups, plan: Ids, parallel: bool, /) -> int:
        """PAS-MT."""
        ...

    def grow(
        self,
        edges: Edges,
        groups: Groups,
        hope: Reals,
        fallback: Ids,
        parallel: bool,
        plan: Ids,
        /,
    ) -> int:
        """PAS-PT."""
        ...

    def join_pairs(
        self, vertices: int, a: Ids, b: Ids, order: Ids, most: int, taken: Marks, /
    ) -> object:
        """Pairs of small trees."""
        ...

    def lay_out(
        self,
        start: Ids,
        near: Ids,
        pair: Ids,
        vertex: Ids,
        parent: Ids,
        by: Ids,
        end: Ids,
        first: Ids,
        /,
    ) -> int:
        """Trees in preorder."""
        ...

    def facilities(
        self,
        edges: Edges,
        vertex: Ids,
        in_tree: Marks,
        price: Reals,
        start: Ids,
        edge: Ids,
        cost: Reals,
        distance: Reals,
        /,
    ) -> int:
        """Ways to start a path."""
        ...

    def program(
        self,
        edges: Edges,
        forest: Forest,
        ways: Facilities,
        weight: Reals,
        ceiling: Reals,
        plan: Ids,
        reached: Reals,
        value: Reals,
        /,
    ) -> object:
        """The best plan within pieces."""
        ...

    def open_cycles(self, edges: Edges, in_tree: Marks, shortest: Ids, plan: Ids, /) -> object:
        """A tree of what `program` wrote."""
        ...

    def repair(
        self,
        edges: Edges,
        groups: Groups,
        weight: Reals,
        shortest: Ids,
        least: float,
        plan: Ids,
        order: Ids,
        /,
    ) -> int:
        """Groups within their budgets."""
        ...

    def sweep(
        self,
        edges: Edges,
        groups: Groups,
        weight: Reals,
        shortest: Ids,
        least: float,
        plan: Ids,
        order: Ids,
        rounds: int,
        /,
    ) -> int:
        """Vertices on their best edges."""
        ...

    def kicks(
        self,
        edges: Edges,
        groups: Groups,
        weight: Reals,
        shortest: Ids,
        least: float,
        plan: Ids,
        near: Ids,
        seed: int,
        times: int,
        /,
    ) -> int:
        """Local search."""
        ...


def implementations() -> dict[str, Loops]:
    """All that work here, the slowest first."""
    found = {"reference": cast("Loops", import_module(_REFERENCE))}
    if find_spec(_EXTENSION) is not None:
        found["compiled"] = cast("Loops", import_module(_EXTENSION))
    return found


@cache
def loops() -> Loops:
    """Those of this process: compiled, unless they are missing or `DLV_KERNELS` is `reference`."""
    found = implementations()
    if read_environment().kernels == "reference":
        return found["reference"]
    return list(found.values())[-1]
