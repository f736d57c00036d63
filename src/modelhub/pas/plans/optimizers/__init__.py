"""How a storage graph becomes a plan: the protocol, the registry, and one module an optimizer."""

from modelhub.pas.plans.optimizers.base import (
    DEFAULT_OPTIMIZER,
    OPTIMIZERS,
    Optimizer,
    optimize,
)

__all__ = ["DEFAULT_OPTIMIZER", "OPTIMIZERS", "Optimizer", "optimize"]
