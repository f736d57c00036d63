"""An opened repository that is read: the catalog, the objects, and what reads them."""

import os
from functools import cached_property
from pathlib import Path

from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.index import CatalogIndex
from modelhub.dlv.metadata import Metadata
from modelhub.pas import ArchiveReader, DirectoryStore, PackFooter, read_footer
from modelhub.values import PackId


class ReadableRepository(Metadata):
    """What reading needs of a repository; it is opened without the code for writing."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        super().__init__(folder, catalog)
        self.index = CatalogIndex(catalog)
        self.store = DirectoryStore(self.layout.objects, self.scratch)

    @property
    def threads(self) -> int:
        """How many threads work at once."""
        return self.settings.core_jobs or os.cpu_count() or 1

    @cached_property
    def reader(self) -> ArchiveReader:
        """Reads tensors and blobs; every byte it gives is verified."""
        return ArchiveReader(self.store, self.index, threads=self.threads)

    def footer(self, pack: PackId) -> PackFooter:
        """What lies in a pack."""
        return read_footer(self.store, pack)

    def close(self) -> None:
        """Let go of the files, and end the threads."""
        if "reader" in self.__dict__:
            self.reader.close()
        super().close()
