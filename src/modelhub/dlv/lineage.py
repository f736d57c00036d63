"""The lineage: parent(base, derived), drawn as a forest in the order of making."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelhub.dlv.versions import VersionRef
from modelhub.values import VersionId

TURN, LAST_TURN, RAIL, GAP = "├─ ", "└─ ", "│  ", "   "


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A version's place in the drawing.

    Attributes:
        ref: the version.
        depth: how far it is indented.
        is_branch: whether it leaves its parent's line, and begins one of its own.
        drawing: the rails that stand before its name.
    """

    ref: VersionRef
    depth: int
    is_branch: bool
    drawing: str = ""

    @property
    def trunk(self) -> str:
        """The rails before what stands below it."""
        return self.drawing.replace(TURN, RAIL).replace(LAST_TURN, GAP)


def forest(
    versions: Sequence[VersionRef], first_parents: dict[VersionId, VersionId]
) -> list[Placed]:
    """Place versions so that each stands below its first parent.

    The next version of the same name goes on in its parent's line; every other child begins
    an indented line of its own, drawn before the parent's line goes on. A version whose parent
    is not among `versions` is a root. Cost: linear.

    Args:
        versions: in the order in which they were made.
        first_parents: the first parent of each version that has one.
    """
    known = {ref.id for ref in versions}
    children: dict[VersionId, list[VersionRef]] = defaultdict(list)
    roots = []
    for ref in versions:
        parent = first_parents.get(ref.id)
        if parent in known:
            children[parent].append(ref)
        else:
            roots.append(ref)
    placed: list[Placed] = []
    stack = [Placed(ref=ref, depth=0, is_branch=False) for ref in reversed(roots)]
    while stack:
        place = stack.pop()
        placed.append(place)
        stack.extend(reversed(_below(place, children[place.ref.id])))
    return placed


def _below(place: Placed, children: Iterable[VersionRef]) -> list[Placed]:
    """Branches first, then the version that goes on in the same line."""
    line, branches = None, []
    for child in children:
        if line is None and child.name == place.ref.name:
            line = child
        else:
            branches.append(child)
    found = []
    for number, child in enumerate(branches, start=1):
        turn = LAST_TURN if number == len(branches) and line is None else TURN
        drawing = place.trunk + turn
        found.append(Placed(ref=child, depth=place.depth + 1, is_branch=True, drawing=drawing))
    if line is not None:
        own = Placed(ref=line, depth=place.depth, is_branch=False, drawing=place.trunk)
        found.append(own)
    return found
