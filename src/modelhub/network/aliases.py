"""Short names of layers, for networks whose own names say nothing: `conv1`, `pool1`, `fc2`."""

from collections.abc import Mapping, Sequence

from modelhub.network.graph import Node

_WORDS: Mapping[str, str] = {"FULL": "fc"}  # as papers write it; others are the template in small


def layer_aliases(layers: Sequence[Node]) -> dict[str, str]:
    """The alias of each layer, by name: its template in small letters, and a number.

    Layers of one template are numbered from 1, in the order in which they are executed.

    Args:
        layers: the vertices of a layer graph, in their order.

    >>> layer_aliases([Node(name="features.0", op="layer", template="CONV")])
    {'features.0': 'conv1'}
    """
    counts: dict[str, int] = {}
    found = {}
    for node in layers:
        template = node.template or "OP"
        word = _WORDS.get(template, template.lower())
        counts[word] = counts.get(word, 0) + 1
        found[node.name] = f"{word}{counts[word]}"
    return found
