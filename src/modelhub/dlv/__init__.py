"""The repository: versions of models, their lineage and files, and what can be done with them.

What stands behind a name is loaded when the name is first used: listing versions needs no
code for tensors.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelhub.dlv.histories import main_courses
    from modelhub.dlv.operations.add import add
    from modelhub.dlv.operations.archive import ArchiveOptions, archive
    from modelhub.dlv.operations.cat_tensor import cat_tensor
    from modelhub.dlv.operations.checkout import checkout
    from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
    from modelhub.dlv.operations.copy import copy
    from modelhub.dlv.operations.desc import describe
    from modelhub.dlv.operations.diff import diff
    from modelhub.dlv.operations.du import disk_usage
    from modelhub.dlv.operations.eval import EvalOptions, evaluate
    from modelhub.dlv.operations.export import export
    from modelhub.dlv.operations.fsck import check, rebuild
    from modelhub.dlv.operations.gc import collect_garbage
    from modelhub.dlv.operations.init import init
    from modelhub.dlv.operations.list import list_versions, log
    from modelhub.dlv.operations.names import alias, annotate, remove, restore, tag
    from modelhub.dlv.operations.repair import repair
    from modelhub.dlv.operations.status import status
    from modelhub.dlv.repository import ModelVersion, Repository
    from modelhub.dlv.tensors import Tensor, Tensors

__all__ = [
    "ArchiveOptions",
    "CommitOptions",
    "EvalOptions",
    "ModelVersion",
    "Repository",
    "Tensor",
    "Tensors",
    "add",
    "alias",
    "annotate",
    "archive",
    "cat_tensor",
    "check",
    "checkout",
    "collect_garbage",
    "commit",
    "commit_state",
    "copy",
    "describe",
    "diff",
    "disk_usage",
    "evaluate",
    "export",
    "init",
    "list_versions",
    "log",
    "main_courses",
    "rebuild",
    "remove",
    "repair",
    "restore",
    "status",
    "tag",
]

_PLACES = {
    "ArchiveOptions": "operations.archive",
    "CommitOptions": "operations.commit",
    "EvalOptions": "operations.eval",
    "ModelVersion": "repository",
    "Repository": "repository",
    "Tensor": "tensors",
    "Tensors": "tensors",
    "add": "operations.add",
    "alias": "operations.names",
    "annotate": "operations.names",
    "archive": "operations.archive",
    "cat_tensor": "operations.cat_tensor",
    "check": "operations.fsck",
    "checkout": "operations.checkout",
    "collect_garbage": "operations.gc",
    "commit": "operations.commit",
    "commit_state": "operations.commit",
    "copy": "operations.copy",
    "describe": "operations.desc",
    "diff": "operations.diff",
    "disk_usage": "operations.du",
    "evaluate": "operations.eval",
    "export": "operations.export",
    "init": "operations.init",
    "list_versions": "operations.list",
    "log": "operations.list",
    "main_courses": "histories",
    "rebuild": "operations.fsck",
    "remove": "operations.names",
    "repair": "operations.repair",
    "restore": "operations.names",
    "status": "operations.status",
    "tag": "operations.names",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
