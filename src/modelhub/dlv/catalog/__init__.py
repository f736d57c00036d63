"""The catalog: relations of versions, snapshots, files and metrics, and the storage index.

What is asked of it is in `versions` and `index`, which are loaded without SQLAlchemy; what
composes questions or writes is in the other modules, each of them a door of its own.
"""

from modelhub.dlv.catalog.connection import Catalog

__all__ = ["Catalog"]
