"""The network of a module that cannot be followed: its layers, without edges."""

from torch import nn

from modelhub.network import LAYER, Network, Node
from modelhub.wrappers.torch.classes import plain_attributes
from modelhub.wrappers.torch.owners import Layers
from modelhub.wrappers.torch.states import States, container_modules


def partial_network(module: nn.Module, states: States, reason: str, dialect: str) -> Network:
    """The layers of a module in the order of its parts, and why there are no edges."""
    layers = Layers(module)
    known = {state.name for state in states.found}
    nodes = []
    whole: list[str] = []  # layers that contain modules, which are then no layers
    for path, part in module.named_modules():
        layer = layers.at(path)
        if layer is None or any(path.startswith(f"{above}.") for above in whole):
            continue
        whole.append(path)
        row = layer.row
        nodes.append(
            Node(
                name="_".join(path.split()),
                op=LAYER,
                template=layer.template,
                kind=layer.kind,
                target=None if row is None else row.target,
                attributes=plain_attributes(part) if row is None else row.read(part),
                states=[
                    f"{path}.{name}"
                    for name, _ in (*part.named_parameters(), *part.named_buffers())
                    if f"{path}.{name}" in known
                ],
                module=path,
            )
        )
    return Network(
        dialect=dialect,
        partial=reason,
        nodes=nodes,
        states=states.found,
        modules=container_modules(module),
    )
