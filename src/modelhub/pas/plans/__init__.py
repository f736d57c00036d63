"""Storage plans: which matrix is stored whole, and which as a delta of which."""

from modelhub.pas.plans.builder import GraphBuilder, from_costs
from modelhub.pas.plans.costs import CostModel, Line, calibrate
from modelhub.pas.plans.depth import limit_depth
from modelhub.pas.plans.graph import EMPTY, StorageGraph
from modelhub.pas.plans.knee import default_alpha
from modelhub.pas.plans.objective import Effort, Objective, Retrieval
from modelhub.pas.plans.optimizers import DEFAULT_OPTIMIZER, OPTIMIZERS, Optimizer, optimize
from modelhub.pas.plans.placing import UNPLACED, choose_within, place
from modelhub.pas.plans.plan import StoragePlan
from modelhub.pas.plans.recreation import recreation_of
from modelhub.pas.plans.written import from_json, to_json

__all__ = [
    "DEFAULT_OPTIMIZER",
    "EMPTY",
    "OPTIMIZERS",
    "UNPLACED",
    "CostModel",
    "Effort",
    "GraphBuilder",
    "Line",
    "Objective",
    "Optimizer",
    "Retrieval",
    "StorageGraph",
    "StoragePlan",
    "calibrate",
    "choose_within",
    "default_alpha",
    "from_costs",
    "from_json",
    "limit_depth",
    "optimize",
    "place",
    "recreation_of",
    "to_json",
]
