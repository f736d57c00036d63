"""Dropout that evaluation hides: attention hands 0 to its operator unless it is training.

The probability is then an attribute of the module around the operator. It is written into the
operator's arguments, where rebuilding finds it.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import fx, nn

from modelhub.wrappers.torch.modes import MODES
from modelhub.wrappers.torch.owners import scope
from modelhub.wrappers.torch.targets import base_of

aten = torch.ops.aten
_NAMES = (  # the attributes that hold it, the plainest first
    *("dropout_p", "attention_dropout", "attn_dropout", "attn_drop", "att_dropout"),
    *("attention_probs_dropout_prob", "attn_pdrop", "dropout_prob", "dropout_rate", "dropout"),
)
_POSITION = 4  # of dropout_p in scaled_dot_product_attention


def restore_probabilities(graph: fx.Graph, module: nn.Module) -> None:
    """Give operators of attention the dropout that they have while training."""
    for node in list(graph.nodes):
        if node.op != "call_function":
            continue
        base = base_of(node.target)
        if base in MODES and not MODES[base].is_flag and not _given(node):
            probability = _around(node, module)
            if probability:
                _set(node, probability)
        elif base == "dropout" and node.args[1:] == (0.0, False) and _follows_softmax(node):
            node.update_arg(1, _around(node, module))
        elif base == "softmax":
            _insert_hidden(graph, node, module)


def _follows_softmax(node: fx.Node) -> bool:
    """Whether it drops weights of attention; others of probability 0 are 0 while training, too."""
    above = node.args[0]
    while isinstance(above, fx.Node) and base_of(above.target) in {"to", "type_as"}:
        above = above.args[0]
    return isinstance(above, fx.Node) and base_of(above.target) == "softmax"


def _given(node: fx.Node) -> Any:
    has_position = len(node.args) > _POSITION
    return node.args[_POSITION] if has_position else node.kwargs.get("dropout_p", 0.0)


def _set(node: fx.Node, probability: float) -> None:
    if len(node.args) > _POSITION:
        node.update_arg(_POSITION, probability)
    else:
        node.update_kwarg("dropout_p", probability)


def _around(node: fx.Node, module: nn.Module) -> float:
    """The probability that the modules around an operator name; the innermost counts."""
    for path, _ in reversed(scope(node)):
        for found in _named(module.get_submodule(path)):
            return found
    return 0.0


def _named(module: nn.Module) -> Iterator[float]:
    for name in _NAMES:
        value = getattr(module, name, None)
        value = getattr(value, "p", value)  # of a Dropout
        if isinstance(value, float | int) and not isinstance(value, bool) and 0 <= value <= 1:
            yield float(value)


def _insert_hidden(graph: fx.Graph, node: fx.Node, module: nn.Module) -> None:
    """nn.MultiheadAttention leaves its dropout out, instead of switching it off."""
    around = scope(node)
    owner = module.get_submodule(around[-1][0]) if around else None
    if not isinstance(owner, nn.MultiheadAttention) or not owner.dropout:
        return
    with graph.inserting_after(node):
        dropped = graph.call_function(aten.dropout.default, (node, owner.dropout, False))
    dropped.meta = dict(node.meta)
    node.replace_all_uses_with(dropped, delete_user_cb=lambda user: user is not dropped)
