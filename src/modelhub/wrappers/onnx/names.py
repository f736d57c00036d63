"""Names for the nodes of an ONNX graph: the paths of the modules that they were exported from."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.wrappers.onnx.messages import SCOPES, OnnxNode

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a node comes from.

    Attributes:
        module: the path of the module; empty if it is not known, or is the whole.
        own: what the node is called there.
    """

    module: str
    own: str


def origin_of(node: OnnxNode) -> Origin:
    """The origin of a node, as the exporters of PyTorch tell it; others tell a name only."""
    scopes = [a or b for a, b in _QUOTED.findall(node.properties.get(SCOPES, ""))]
    if scopes:
        return Origin(module=scopes[-2] if len(scopes) > 1 else "", own=scopes[-1])
    if node.name.startswith("/"):
        *modules, own = node.name[1:].split("/")
        return Origin(module=_path(modules), own=own.lower())
    outputs = [name for name in node.outputs if name]
    return Origin(module="", own=node.name or next(iter(outputs), node.operator))


def _path(modules: Sequence[str]) -> str:
    """The path of a module from names of which each may begin with the one before it.

    >>> _path(["layer1", "layer1.0", "conv1"])
    'layer1.0.conv1'
    """
    path, before = "", ""
    for name in modules:
        if before and name.startswith(f"{before}."):
            path = path[: len(path) - len(before)] + name
        else:
            path = f"{path}.{name}" if path else name
        before = name
    return path


def wanted_names(nodes: Sequence[OnnxNode], is_main: Sequence[bool]) -> list[tuple[str, int]]:
    """What each node should be called, and how often its module was called before.

    A module that contains no other is its main operator; the others stand in it. The same
    operator again is a later call of the module.

    Args:
        nodes: of a graph.
        is_main: whether each may stand for its module.
    """
    origins = [origin_of(node) for node in nodes]
    containers = _containers({origin.module for origin in origins})
    mains = _mains(nodes, origins, is_main)
    calls: Counter[str] = Counter()
    found = []
    for place, (node, origin) in enumerate(zip(nodes, origins, strict=True)):
        module = origin.module
        is_it = mains.get(module) == node.operator and is_main[place]
        if not module or module in containers or not is_it:
            found.append((f"{module}.{origin.own}" if module else origin.own, 0))
            continue
        call = calls[module]
        calls[module] += 1
        found.append((f"{module}@{call}" if call else module, call))
    return found


def _containers(modules: set[str]) -> set[str]:
    """The modules that contain others."""
    found = set()
    for module in modules:
        while "." in module:
            module = module.rpartition(".")[0]  # noqa: PLW2901 - it climbs
            if module in found:
                break
            found.add(module)
    return found


def _mains(
    nodes: Sequence[OnnxNode], origins: Sequence[Origin], is_main: Sequence[bool]
) -> dict[str, str]:
    """The operator that each module is: the only one that may, else the first."""
    operators: defaultdict[str, list[str]] = defaultdict(list)
    for node, origin, may in zip(nodes, origins, is_main, strict=True):
        if may:
            operators[origin.module].append(node.operator)
    return {module: found[0] for module, found in operators.items()}
