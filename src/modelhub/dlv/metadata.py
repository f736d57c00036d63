"""The part of an opened repository that reads no objects: folder, settings, catalog, locks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from modelhub.config import Settings, read_settings, repository_folder
from modelhub.dlv import locks
from modelhub.dlv.catalog import Catalog
from modelhub.dlv.layout import FOLDER, FORMAT, FORMAT_LINE, Layout
from modelhub.errors import IntegrityError, NewerFormatError, NotARepositoryError

Folder = str | os.PathLike[str]


class Metadata:
    """A repository's folder, settings, catalog and locks; enough to list and to stage.

    It is opened in a fraction of the time that `Repository` takes, which brings the code
    for tensors along.
    """

    def __init__(self, folder: Path, catalog: Catalog) -> None:
        self.layout = Layout(folder)
        self.root = folder.parent
        self.catalog = catalog
        self._scratch: Path | None = None

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

    def close(self) -> None:
        """Let go of the files."""
        self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
