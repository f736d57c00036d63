"""What deltas are based on, through whole chains, as a relation to query."""

from sqlalchemy import CTE, select

from modelhub.dlv.catalog.schema import copy, tensor


def needed_bases() -> CTE:
    """Pairs (`tensor`, `base`): keys of a tensor and of each one that must be read before it."""
    first = (
        select(copy.c.tensor.label("tensor"), tensor.c.key.label("base"))
        .join(tensor, tensor.c.id == copy.c.base)
        .cte("needed", recursive=True)
    )
    below = copy.alias("below")
    its_base = tensor.alias("its_base")
    further = (
        select(first.c.tensor, its_base.c.key)
        .join(below, below.c.tensor == first.c.base)
        .join(its_base, its_base.c.id == below.c.base)
    )
    return first.union(further)
