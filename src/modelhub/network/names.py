"""What the tensors of a checkpoint alone tell of a network: its layers, without edges.

Templates are guessed from names and shapes; a guess is made only where both agree.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from modelhub.network.graph import BUFFER, LAYER, PARAMETER, Attribute, Network, Node, State
from modelhub.values import Shape

ONLY_NAMES = "only a checkpoint is known: the names and shapes of its layers, but no edges"
MAX_NAME = 480
NamedShape: TypeAlias = tuple[str, str, Shape]

_NOT_IN_NAMES = re.compile(r"[\s\x00-\x1f\x7f]")
_BUFFERS = re.compile(r"running_(mean|var)|num_batches_tracked|inv_freq|position_ids|(attn_)?mask")
_COUNTING = frozenset({"bool", "int16", "int32", "int64", "uint16", "uint32", "uint64"})
_EMBED = re.compile(r"embed|embd|^w[tp]e$|^shared$|lookup", re.IGNORECASE)
_NORM = re.compile(r"norm|^ln|_ln|^bn|^gn\d*$|layernorm", re.IGNORECASE)
_BATCH = re.compile(r"^bn|batch_?norm", re.IGNORECASE)
_GROUP = re.compile(r"^gn\d*$|group_?norm", re.IGNORECASE)
_DECONV = re.compile(r"deconv|transpose", re.IGNORECASE)
_CONV = re.compile(r"conv|patch", re.IGNORECASE)
_RECURRENT = re.compile(r"weight_hh_l(\d+)(_reverse)?")
_CELLS = {4: "LSTM", 3: "GRU", 1: "RNN"}
_MATRIX, _IMAGE, _MAX_CONV = 2, 4, 5  # extents


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a layer seems to be; CUSTOM where that is not sure."""

    template: str = "CUSTOM"
    kind: str | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


def names_network(tensors: Iterable[NamedShape]) -> Network:
    """The partial network that tensors tell of: name, dtype and shape of each, in their order.

    Each tensor is a state of exactly one layer: of the one that its name begins with.

    >>> network = names_network([("fc.weight", "float32", (10, 4)), ("fc.bias", "float32", (10,))])
    >>> [(node.name, node.template, list(node.states)) for node in network.nodes]
    [('fc', 'FULL', ['fc.weight', 'fc.bias'])]
    """
    states: list[State] = []
    layers: dict[str, dict[str, State]] = {}
    taken: dict[str, int] = {}  # names, and the number of those that were made of each
    for given, dtype, shape in tensors:
        name = _unique(given, taken)
        owner, leaf = _split(name)
        is_buffer = dtype in _COUNTING or _BUFFERS.fullmatch(leaf) is not None
        kind = BUFFER if is_buffer else PARAMETER
        states.append(State(name=name, kind=kind, dtype=dtype, shape=shape))
        layers.setdefault(owner, {})[name] = states[-1]
    nodes = [_node(name, list(found.values())) for name, found in layers.items()]
    return Network(dialect="names", partial=ONLY_NAMES, nodes=nodes, states=states)


def _unique(given: str, taken: dict[str, int]) -> str:
    name = found = _NOT_IN_NAMES.sub("_", given)[:MAX_NAME] or "unnamed"
    while found in taken:
        taken[name] += 1
        mark = f"#{taken[name]}"
        found = name[: MAX_NAME - len(mark)] + mark
    taken[found] = 1
    return found


def _split(name: str) -> tuple[str, str]:
    """The layer that a tensor belongs to, and what the tensor is called there."""
    at = max(name.rfind("."), name.rfind("/"))
    return (name[:at], name[at + 1 :]) if at > 0 else (name, "")


def _node(name: str, states: Sequence[State]) -> Node:
    guess = guess_layer(name, {_split(each.name)[1]: each for each in states})
    return Node(
        name=name,
        op=LAYER,
        template=guess.template,
        kind=guess.kind,
        attributes=guess.attributes,
        states=[each.name for each in states],
        module=name,
    )


def guess_layer(name: str, leaves: Mapping[str, State]) -> Guess:
    """What a layer seems to be, from its name and the tensors that are called so in it."""
    word = re.split(r"[./]", name)[-1]
    if "running_mean" in leaves:
        features = leaves["running_mean"].shape
        return Guess(template="NORM", kind="BATCH", attributes=_features(features))
    if "in_proj_weight" in leaves:
        return Guess(template="ATTENTION")
    recurrent = [each for each in leaves if _RECURRENT.fullmatch(each)]
    if recurrent:
        return _recurrent(leaves, recurrent)
    weight = leaves.get("weight") or leaves.get("kernel") or leaves.get("")
    if weight is None or (_split(weight.name)[1] == "" and not _EMBED.search(word)):
        return Guess()
    return _weighted(word, weight, leaves.get("bias"))


def _weighted(word: str, weight: State, bias: State | None) -> Guess:
    shape, rank = weight.shape, len(weight.shape)
    if weight.dtype.startswith("opaque:"):  # packed: the shape is a number of bytes
        return Guess(template="EMBED" if _EMBED.search(word) else "FULL")
    if rank == 1 and _NORM.search(word):
        return Guess(template="NORM", kind=_norm_kind(word, bias), attributes=_features(shape))
    if rank == _MATRIX:
        if _EMBED.search(word) and bias is None:
            attributes = {"num_embeddings": shape[0], "embedding_dim": shape[1]}
            return Guess(template="EMBED", attributes=attributes)
        return Guess(template="FULL", attributes=_full(shape, bias))
    if _IMAGE <= rank <= _MAX_CONV or (rank == _MATRIX + 1 and _CONV.search(word)):
        return _conv(word, shape)
    return Guess()


def _norm_kind(word: str, bias: State | None) -> str:
    if _BATCH.search(word):
        return "BATCH"
    if _GROUP.search(word):
        return "GROUP"
    return "RMS" if bias is None else "LAYER"


def _features(shape: Shape) -> dict[str, Attribute]:
    return {"num_features": shape[0]} if len(shape) == 1 else {}


def _full(shape: Shape, bias: State | None) -> dict[str, Attribute]:
    """A bias says which extent is the output's: some frameworks keep the matrix turned."""
    outputs, inputs = shape
    if bias is not None and bias.shape == (inputs,) and inputs != outputs:
        outputs, inputs = inputs, outputs
    return {"in_features": inputs, "out_features": outputs}


def _conv(word: str, shape: Shape) -> Guess:
    is_reverse = _DECONV.search(word) is not None
    outputs, inputs = (shape[1], shape[0]) if is_reverse else (shape[0], shape[1])
    return Guess(
        template="DECONV" if is_reverse else "CONV",
        kind=f"{len(shape) - _MATRIX}D",
        attributes={
            "in_channels": inputs,
            "out_channels": outputs,
            "kernel_size": list(shape[_MATRIX:]),
        },
    )


def _recurrent(leaves: Mapping[str, State], names: Sequence[str]) -> Guess:
    shape = leaves[names[0]].shape
    if len(shape) != _MATRIX or shape[1] == 0:
        return Guess(template="RNN")
    layers = {found[1] for name in names if (found := _RECURRENT.fullmatch(name))}
    attributes = {"hidden_size": shape[1], "num_layers": len(layers)}
    return Guess(template="RNN", kind=_CELLS.get(shape[0] // shape[1]), attributes=attributes)
