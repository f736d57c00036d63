"""The catalog: relations of versions, snapshots, files and metrics, and the storage index."""

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.records import apply_record, draw_sequence, is_overtaken
from modelhub.dlv.catalog.storage import CatalogIndex, register, relocate

__all__ = [
    "Catalog",
    "CatalogIndex",
    "apply_record",
    "draw_sequence",
    "is_overtaken",
    "register",
    "relocate",
]
