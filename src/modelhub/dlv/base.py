"""An opened repository: it owns the catalog and the objects, and knows no commands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Connection

from modelhub import durable
from modelhub.dlv import locks
from modelhub.dlv.catalog import Catalog
from modelhub.dlv.catalog.records import apply_record, draw_sequence, is_overtaken
from modelhub.dlv.catalog.storage import register
from modelhub.dlv.layout import FOLDER, FORMAT, FORMAT_LINE, Layout
from modelhub.dlv.metadata import Folder
from modelhub.dlv.reading import ReadableRepository
from modelhub.errors import ConflictError
from modelhub.identity import canonical_json
from modelhub.pas import ArchiveWriter

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Generic[T]):
    """What one transaction publishes: records, the rows that go with them, and its value."""

    records: Sequence[dict[str, Any]]
    insert: Callable[[Connection], None]
    value: T


class BaseRepository(ReadableRepository):
    """The parts of a repository, opened for writing, too: new objects, and what publishes them."""

    @classmethod
    def init(cls, root: Folder) -> Self:
        """Start a repository in a folder, which is made if it is not there.

        Raises:
            ConflictError: there is one already.
        """
        layout = Layout(Path(root).absolute() / FOLDER)
        if layout.format.exists():
            raise ConflictError(f"{layout.folder} is a repository already; nothing was changed")
        for folder in (layout.folder, layout.objects, layout.temporary):
            durable.make_folder(folder)
        with locks.writing(layout, "init", exclusive=True) as scratch:
            fresh = Catalog.create(scratch / "catalog.db")
            fresh.checkpoint()
            fresh.close()
            durable.rename(fresh.path, layout.catalog)
            # The format is written last: without it there is no repository.
            line = FORMAT_LINE.format(FORMAT).encode()
            durable.replace_file(layout.format, line, scratch=scratch)
        return cls.open(root)

    def writer(self, *, threads: int | None = None) -> ArchiveWriter:
        """Writes tensors and blobs as new objects, which nothing refers to until `publish`."""
        return ArchiveWriter(self.store, self.index, threads=threads or self.threads)

    def publish(
        self, writer: ArchiveWriter, compose: Callable[[Connection, ArchiveWriter], Draft[T]]
    ) -> T:
        """Make what a writer wrote visible, in one transaction together with its records.

        `compose` is called inside the transaction; it may be called again if another process
        publishes first.
        """
        writer.spill()
        count = 1
        while True:
            with self.catalog.write() as connection:
                seq = draw_sequence(connection, count)
            with self.catalog.write() as connection:
                if is_overtaken(connection, seq):
                    continue
                draft = compose(connection, writer)
                if len(draft.records) > count:
                    count = len(draft.records)
                    continue
                records = [
                    {"format": 1, "seq": seq + i, "time": now(), **each}
                    for i, each in enumerate(draft.records)
                ]
                blobs = [writer.put_blob(canonical_json(each), role="record") for each in records]
                writer.finish()
                register(connection, writer.packs, outside=self.index)
                draft.insert(connection)
                for record, blob in zip(records, blobs, strict=True):
                    apply_record(connection, record, blob)
                return draft.value


def now() -> str:
    """The time by this machine's clock, UTC; informative only."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
