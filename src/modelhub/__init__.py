"""ModelHub: version control, storage and queries for deep-learning models."""

from modelhub._version import __version__

__all__ = ["__version__"]
