"""The paper's N: networks as data, captured, described, compared and edited without a framework."""

from modelhub.network.aliases import layer_aliases
from modelhub.network.expressions import evaluate_extent, symbols_of
from modelhub.network.format import network_bytes, network_id, parse_network
from modelhub.network.graph import (
    BUFFER,
    CONSTANT,
    FUNCTION,
    INPUT,
    LAYER,
    OUTPUT,
    PARAMETER,
    STATE,
    STATE_PREFIX,
    Arguments,
    Attribute,
    Body,
    Network,
    Node,
    Operation,
    State,
    Symbol,
    SymbolicShape,
    Value,
    references,
)
from modelhub.network.layers import LayerGraph, layer_graph
from modelhub.network.templates import ALIASES, TEMPLATES, Template, standard_attributes

__all__ = [
    "ALIASES",
    "BUFFER",
    "CONSTANT",
    "FUNCTION",
    "INPUT",
    "LAYER",
    "OUTPUT",
    "PARAMETER",
    "STATE",
    "STATE_PREFIX",
    "TEMPLATES",
    "Arguments",
    "Attribute",
    "Body",
    "LayerGraph",
    "Network",
    "Node",
    "Operation",
    "State",
    "Symbol",
    "SymbolicShape",
    "Template",
    "Value",
    "evaluate_extent",
    "layer_aliases",
    "layer_graph",
    "network_bytes",
    "network_id",
    "parse_network",
    "references",
    "standard_attributes",
    "symbols_of",
]
