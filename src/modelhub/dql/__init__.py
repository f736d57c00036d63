"""DQL: one language to find models by what is known of them (paper, Sec. III-B)."""

from modelhub.dql.constructs import (
    Change,
    Construction,
    NewLayer,
    commit_construction,
    constructed_module,
    constructed_network,
)
from modelhub.dql.executor import query
from modelhub.dql.formatter import format_script
from modelhub.dql.limits import MAX_LENGTH, Limits
from modelhub.dql.parser import parse
from modelhub.dql.result import QueryResult, QueryStep
from modelhub.dql.slices import Slice, commit_slice, sliced_module, sliced_network
from modelhub.dql.trying import (
    Tried,
    TriedNetwork,
    TryOptions,
    evaluate,
    is_evaluate,
    run_status,
)

__all__ = [
    "MAX_LENGTH",
    "Change",
    "Construction",
    "Limits",
    "NewLayer",
    "QueryResult",
    "QueryStep",
    "Slice",
    "Tried",
    "TriedNetwork",
    "TryOptions",
    "commit_construction",
    "commit_slice",
    "constructed_module",
    "constructed_network",
    "evaluate",
    "format_script",
    "is_evaluate",
    "parse",
    "query",
    "run_status",
    "sliced_module",
    "sliced_network",
]
