"""What deltas are based on, through whole chains, as a relation to ask."""

# Pairs (`tensor`, `base`): keys of a tensor and of each one that must be read before it.
NEEDED = (
    "with recursive needed(tensor, base) as ("
    " select copy.tensor, its_base.key from copy"
    " join tensor as its_base on its_base.id = copy.base"
    " union select needed.tensor, its_base.key from needed"
    " join copy on copy.tensor = needed.base"
    " join tensor as its_base on its_base.id = copy.base"
    ") select tensor, base from needed"
)
