"""ModelHub: version control, storage and queries for deep-learning models."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modelhub._version import __version__
from modelhub.errors import ModelHubError

if TYPE_CHECKING:
    from modelhub.dlv import ModelVersion, Repository

__all__ = ["ModelHubError", "ModelVersion", "Repository", "__version__"]

# The repository brings the database library along, which takes longer to load than the rest.
_LAZY = {"ModelVersion": "modelhub.dlv", "Repository": "modelhub.dlv"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LAZY[name]), name)
