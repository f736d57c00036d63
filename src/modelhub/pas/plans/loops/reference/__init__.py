"""The loops as plain text: the definition, which the compiled twin repeats step by step."""

from modelhub.pas.plans.loops.reference.arborescence import arborescence
from modelhub.pas.plans.loops.reference.balance import balance, chop
from modelhub.pas.plans.loops.reference.growth import grow
from modelhub.pas.plans.loops.reference.paths import distances, shared_costs, shortest_paths
from modelhub.pas.plans.loops.reference.pieces import facilities, join_pairs, lay_out
from modelhub.pas.plans.loops.reference.program import (
    Facilities,
    Forest,
    open_cycles,
    program,
)
from modelhub.pas.plans.loops.reference.search import kicks, repair, sweep
from modelhub.pas.plans.loops.reference.swaps import swap_parents

__all__ = [
    "Facilities",
    "Forest",
    "arborescence",
    "balance",
    "chop",
    "distances",
    "facilities",
    "grow",
    "join_pairs",
    "kicks",
    "lay_out",
    "open_cycles",
    "program",
    "repair",
    "shared_costs",
    "shortest_paths",
    "swap_parents",
    "sweep",
]
