"""DQL: one language to find models by what is known of them (paper, Sec. III-B)."""

from modelhub.dql.executor import query
from modelhub.dql.formatter import format_script
from modelhub.dql.limits import MAX_LENGTH, Limits
from modelhub.dql.parser import parse
from modelhub.dql.result import QueryResult, QueryStep
from modelhub.dql.slices import Slice, commit_slice, sliced_module, sliced_network

__all__ = [
    "MAX_LENGTH",
    "Limits",
    "QueryResult",
    "QueryStep",
    "Slice",
    "commit_slice",
    "format_script",
    "parse",
    "query",
    "sliced_module",
    "sliced_network",
]
