"""The catalog: relations of versions, snapshots, files and metrics, and the storage index.

`modelhub.dlv.catalog.storage` is a door of its own: it knows packs, which reading versions
does not need.
"""

from modelhub.dlv.catalog.connection import Catalog
from modelhub.dlv.catalog.records import apply_record, draw_sequence, is_overtaken

__all__ = ["Catalog", "apply_record", "draw_sequence", "is_overtaken"]
