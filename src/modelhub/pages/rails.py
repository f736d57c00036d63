"""A graph as rails beside rows: each value runs in a lane from where it is made to its last use.

Rows stand in execution order, so the lanes beside a row are the values that are alive there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LANE, ROW = 14, 28  # the width of a lane and the height of a row, in units of the picture
MAX_LANES = 24  # further values are not drawn, but counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """What stands beside one row.

    Attributes:
        lane: where the row's own node is; -1 in a row without one, which values only pass.
        through: lanes of values that pass by.
        ends: lanes of values that are read here for the last time, other than the node's own.
        taps: lanes of values that are read here and go on.
        begins: whether somebody reads the node's value later.
        continues: whether the node's lane comes from above.
        hidden: how many live values are not drawn.
    """

    lane: int
    through: Sequence[int]
    ends: Sequence[int]
    taps: Sequence[int]
    begins: bool
    continues: bool
    hidden: int


def rails(names: Sequence[str], previous: Mapping[str, Sequence[str]]) -> list[Rail]:
    """Place the nodes of a graph in lanes.

    A node takes over the lane of the first value that it is the last to read; else the
    leftmost free one. Cost: O(edges + rows x live values).

    Args:
        names: in execution order.
        previous: what each reads, of what stands before it.
    """
    last_use = {read: row for row, name in enumerate(names) for read in previous.get(name, ())}
    alive: dict[str, int] = {}  # value -> its lane
    found = []
    for row, name in enumerate(names):
        read = [each for each in dict.fromkeys(previous.get(name, ())) if each in alive]
        ended = [each for each in read if last_use[each] == row]
        lanes = {each: alive[each] for each in read}
        before = dict(alive)
        for each in ended:
            del alive[each]
        lane = lanes[ended[0]] if ended else _free(before.values())
        if last_use.get(name, row) > row:
            alive[name] = lane
        passing = [at for value, at in alive.items() if value not in lanes and value != name]
        found.append(
            Rail(
                lane=min(lane, MAX_LANES),
                through=_drawn(passing),
                ends=_drawn(lanes[each] for each in ended if lanes[each] != lane),
                taps=_drawn(lanes[each] for each in read if each not in ended),
                begins=name in alive,
                continues=bool(ended),
                hidden=sum(at >= MAX_LANES for at in {**before, **alive}.values()),
            )
        )
    return found


def _free(taken: Iterable[int]) -> int:
    used = set(taken)
    return next(lane for lane in range(len(used) + 1) if lane not in used)


def _drawn(lanes: Iterable[int]) -> list[int]:
    return sorted({lane for lane in lanes if lane < MAX_LANES})


def beside(placed: Sequence[Rail | None]) -> list[Rail]:
    """Rails for rows of which some have no node: what is alive there passes by."""
    found: list[Rail] = []
    alive: list[int] = []
    for rail in placed:
        if rail is None:
            found.append(_passing(alive))
            continue
        found.append(rail)
        own = [rail.lane] if rail.begins else []
        alive = sorted({*rail.through, *rail.taps, *own})
    return found


def _passing(alive: Sequence[int]) -> Rail:
    return Rail(lane=-1, through=alive, ends=[], taps=[], begins=False, continues=False, hidden=0)
