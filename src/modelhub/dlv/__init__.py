"""The repository: versions of models, their lineage and files, and what can be done with them."""

from modelhub.dlv.operations.add import add
from modelhub.dlv.operations.cat_tensor import cat_tensor
from modelhub.dlv.operations.checkout import checkout
from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.operations.copy import copy
from modelhub.dlv.operations.desc import describe
from modelhub.dlv.operations.diff import diff
from modelhub.dlv.operations.du import disk_usage
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
    "CommitOptions",
    "ModelVersion",
    "Repository",
    "Tensor",
    "Tensors",
    "add",
    "alias",
    "annotate",
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
    "export",
    "init",
    "list_versions",
    "log",
    "rebuild",
    "remove",
    "repair",
    "restore",
    "status",
    "tag",
]
