"""An opened repository: it owns the catalog and the objects, and knows no commands."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import Connection

from modelhub import durable
from modelhub.config import Settings, read_settings, repository_folder
from modelhub.dlv import locks
from modelhub.dlv.catalog import (
    Catalog,
    CatalogIndex,
    apply_record,
    draw_sequence,
    is_overtaken,
    register,
)
from modelhub.dlv.layout import FOLDER, FORMAT, FORMAT_LINE, Layout
from modelhub.errors import ConflictError, IntegrityError, NewerFormatError, NotARepositoryError
from modelhub.identity import canonical_json
from modelhub.pas import (
    ArchiveReader,
    ArchiveWriter,
    DirectoryStore,
    PackFooter,
    read_footer,
)
from modelhub.values import PackId

T = TypeVar("T")
Folder = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft(Generic[T]):
    """What one transaction publishes: records, the rows that go with them, and its value."""

    records: Sequence[dict[str, Any]]
    insert: Callable[[Connection], None]
    value: T


class BaseRepository:
    """The parts of a repository, opened: catalog, objects, reader, locks."""

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.layout = Layout(folder)
        self.root = folder.parent
        self.catalog = catalog
        self.index = CatalogIndex(catalog)
        self._scratch: Path | None = None
        self.store = DirectoryStore(self.layout.objects, self.scratch)

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

    @classmethod
    def open(cls, root: Folder) -> Self:
        """Open the repository whose `.dlv` lies in `root`.

        Raises:
            NotARepositoryError: there is none.
            NewerFormatError: a later version of this software wrote it.
        """
        layout = Layout(Path(root).absolute() / FOLDER)
        check_format(layout)
        return cls(layout.folder, Catalog.open(layout.catalog))

    @classmethod
    def find(cls, start: Folder) -> Self:
        """Open the repository of `DLV_DIR`, or else the one that `start` lies in.

        Raises:
            NotARepositoryError: there is no `.dlv` in `start` or above.
        """
        folder = repository_folder(Path(start))
        if folder is None:
            raise NotARepositoryError(
                f"{Path(start).absolute()} is not in a repository (no {FOLDER} here or above); "
                "start one with: dlv init"
            )
        return cls.open(folder.parent)

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold here."""
        return read_settings(self.layout.folder)

    @property
    def threads(self) -> int:
        """How many threads work at once."""
        return self.settings.core_jobs or os.cpu_count() or 1

    @cached_property
    def reader(self) -> ArchiveReader:
        """Reads tensors and blobs; every byte it gives is verified."""
        return ArchiveReader(self.store, self.index, threads=self.threads)

    def scratch(self) -> Path:
        """The folder for files that are being written; there is one inside `writing` only."""
        assert self._scratch is not None, "objects are written inside `writing` only"
        return self._scratch

    @contextmanager
    def writing(
        self, command: str, *, exclusive: bool = False, wait_s: float = 60
    ) -> Iterator[None]:
        """Hold the repository's lock, and a scratch folder for new objects.

        Raises:
            LockedError: others hold it and go on holding it.
        """
        with locks.writing(self.layout, command, exclusive=exclusive, wait_s=wait_s) as scratch:
            self._scratch = scratch
            try:
                yield
            finally:
                self._scratch = None

    def writer(self) -> ArchiveWriter:
        """Writes tensors and blobs as new objects, which nothing refers to until `publish`."""
        return ArchiveWriter(self.store, self.index, threads=self.threads)

    def footer(self, pack: PackId) -> PackFooter:
        """What lies in a pack."""
        return read_footer(self.store, pack)

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

    def close(self) -> None:
        """Let go of the files, and end the threads."""
        if "reader" in self.__dict__:
            self.reader.close()
        self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def now() -> str:
    """The time by this machine's clock, UTC; informative only."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def check_format(layout: Layout) -> None:
    """Refuse a folder that is no repository, or one of a format that we do not know.

    Raises:
        NotARepositoryError: there is no repository.
        IntegrityError: the format file is not legible.
        NewerFormatError: a later version of this software wrote it.
    """
    try:
        line = layout.format.read_bytes()[:100].decode("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        raise NotARepositoryError(
            f"{layout.folder.parent} is not a repository; start one with: dlv init"
        ) from None
    words = line.split()
    if words[:2] != ["dlv", "repository"] or len(words) != 3 or not words[2].isdigit():  # noqa: PLR2004 - as in FORMAT_LINE
        raise IntegrityError(
            f"{layout.format} is damaged; it must say {FORMAT_LINE.format(FORMAT)!r}"
        )
    if int(words[2]) > FORMAT:
        raise NewerFormatError(
            f"{layout.folder} has repository format {words[2]}, this dlv reads up to {FORMAT}; "
            "upgrade with: pip install --upgrade modelhub-dlv"
        )
