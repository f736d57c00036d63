"""The paper's N: networks as data, captured, described, compared and edited without a framework."""

from modelhub.network.aliases import layer_aliases
from modelhub.network.align import (
    FOLLOWING,
    Alignment,
    ChangedAttribute,
    NetworkChange,
    align_networks,
)
from modelhub.network.blocks import Block, Member, find_blocks, span, unfolded
from modelhub.network.expressions import evaluate_extent, symbols_of
from modelhub.network.fit import Fit, fit_weights
from modelhub.network.footprint import Footprint, LayerFootprint, footprint_of
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
    Extent,
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
from modelhub.network.names import names_network
from modelhub.network.selectors import (
    Bindings,
    NodeSelector,
    canonical_template,
    fits_template,
    parse_selector,
    select_nodes,
)
from modelhub.network.sizes import batch_symbols, evaluate_shape, solve_sizes
from modelhub.network.slicing import slice_network
from modelhub.network.templates import (
    ALIASES,
    TEMPLATES,
    Template,
    all_templates,
    standard_attributes,
)
from modelhub.network.windows import plus, times, window_extent

__all__ = [
    "ALIASES",
    "BUFFER",
    "CONSTANT",
    "FOLLOWING",
    "FUNCTION",
    "INPUT",
    "LAYER",
    "OUTPUT",
    "PARAMETER",
    "STATE",
    "STATE_PREFIX",
    "TEMPLATES",
    "Alignment",
    "Arguments",
    "Attribute",
    "Bindings",
    "Block",
    "Body",
    "ChangedAttribute",
    "Extent",
    "Fit",
    "Footprint",
    "LayerFootprint",
    "LayerGraph",
    "Member",
    "Network",
    "NetworkChange",
    "Node",
    "NodeSelector",
    "Operation",
    "State",
    "Symbol",
    "SymbolicShape",
    "Template",
    "Value",
    "align_networks",
    "all_templates",
    "batch_symbols",
    "canonical_template",
    "evaluate_extent",
    "evaluate_shape",
    "find_blocks",
    "fit_weights",
    "fits_template",
    "footprint_of",
    "layer_aliases",
    "layer_graph",
    "names_network",
    "network_bytes",
    "network_id",
    "parse_network",
    "parse_selector",
    "plus",
    "references",
    "select_nodes",
    "slice_network",
    "solve_sizes",
    "span",
    "standard_attributes",
    "symbols_of",
    "times",
    "unfolded",
    "window_extent",
]
