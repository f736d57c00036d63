"""A plain folder as a remote; no process serves it (docs/spec/sync.md §7)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from modelhub import durable
from modelhub.dlv import locks
from modelhub.dlv.layout import Layout
from modelhub.dlv.revisions import check_name
from modelhub.durable import Buffer
from modelhub.errors import (
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    StorageError,
)
from modelhub.pas import DirectoryStore
from modelhub.remotes.closure import check_track
from modelhub.remotes.documents import Track
from modelhub.remotes.format import FORMAT_LINE, check_format
from modelhub.remotes.remote import Remote
from modelhub.values import PackId

Check = Callable[["FolderRemote", Track, Track], None]  # of a swap: the remote, before, after
_REF_BYTES = 65  # an object id and the end of the line


class FolderRemote:
    """`modelhub.remotes.Remote` in a folder of a local or shared disk.

    Args:
        folder: where it is; see `open` and `create`.
    """

    def __init__(self, folder: Path) -> None:
        self.url = folder.as_uri()
        self._layout = Layout(folder)  # `format`, `objects`, `tmp` and `lock` are as there
        self._refs = folder / "refs"
        self._scratch: Path | None = None
        self._store = DirectoryStore(self._layout.objects, self._folder_for_writing)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Use a folder that is a remote already.

        Raises:
            NotFoundError: it is none.
            NewerFormatError: a later version of this software made it.
        """
        path = folder / "format"
        try:
            with durable.reported("read", path):
                line = path.read_bytes()[:100].decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(
                f"{folder} is no remote; publish a model into it first, or check the path"
            ) from None
        check_format(line, str(path))
        return cls(folder)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Use a folder, which becomes a remote if it is empty or not there.

        Raises:
            ConflictError: it has other things in it.
        """
        if (folder / "format").exists():
            return cls.open(folder)
        _refuse_others(folder)
        layout = Layout(folder)
        for each in (folder, layout.objects, folder / "refs"):
            durable.make_folder(each)
        with locks.writing(layout, "publish") as scratch:
            durable.replace_file(layout.format, FORMAT_LINE.encode(), scratch=scratch)
        return cls.open(folder)

    def models(self) -> Sequence[str]:
        """The names of its refs; files that cannot be one are passed over."""
        try:
            with durable.reported("list", self._refs):
                files = sorted(each.name for each in self._refs.iterdir())
        except FileNotFoundError:
            return []
        found = []
        for each in files:
            with suppress(InputError):
                name = check_name(unquote(each))
                if _ref_file(name) == each:
                    found.append(name)
        return found

    def sharing(self, name: str) -> Sequence[str]:  # noqa: ARG002 - who reads one reads all
        """All of its refs."""
        return self.models()

    def ref(self, name: str) -> PackId | None:
        """The id of a ref's track."""
        path = self._refs / _ref_file(name)
        try:
            with durable.reported("read", path), path.open("rb") as file:
                line = file.read(_REF_BYTES + 1).decode("ascii", "replace")
        except FileNotFoundError:
            return None
        if len(line) != _REF_BYTES or not line.endswith("\n"):
            raise IntegrityError(f"{path} is damaged: it must hold one object id and nothing else")
        return PackId(line[:-1])

    def missing(self, ids: Sequence[PackId]) -> set[PackId]:
        """Which objects it lacks; the others become young again."""
        lacking = set()
        for id_ in ids:
            try:
                self._store.freshen(id_)
            except (NotFoundError, StorageError):  # another user's file: put again, it is ours
                lacking.add(id_)
        return lacking

    def put(self, data: Buffer, id: PackId | None = None) -> PackId:  # noqa: A002 - it is one
        """Store an object."""
        with locks.writing(self._layout, "publish") as scratch:
            self._scratch = scratch
            return self._store.put([data], expected=id)

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object."""
        return self._store.read(pack, offset, size)

    def size(self, pack: PackId) -> int:
        """Bytes of an object."""
        return self._store.size(pack)

    def swap(
        self, name: str, old: PackId | None, new: PackId, *, check: Check | None = None
    ) -> None:
        """Replace a ref, alone.

        Args:
            name: the ref's.
            old: what it must be now.
            new: what it is to be.
            check: raises if the new track must not be, for reasons of whoever serves this folder.
        """
        path = self._refs / _ref_file(check_name(name))
        with self.alone() as scratch:
            if self.ref(name) != old:
                raise ConflictError(
                    f"{name} on {self.url} was published by another process meanwhile; "
                    "run the command again, nothing is sent twice"
                )
            tracks = check_track(self, name, old, new)
            if check is not None:
                check(self, *tracks)
            temporary = scratch / "ref"
            durable.write_file(temporary, [f"{new}\n".encode()])
            durable.rename(temporary, path)

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """Keep all refs as they are meanwhile; a folder for what is being written."""
        with locks.writing(self._layout, "publish", exclusive=True) as scratch:
            yield scratch

    def file_of(self, pack: PackId) -> Path:
        """Where an object lies, for whoever serves this folder.

        Raises:
            NotFoundError: the object is not there.
        """
        self._store.size(pack)
        return self._store.path_of(pack)

    def close(self) -> None:
        """Nothing is held."""

    def _folder_for_writing(self) -> Path:
        assert self._scratch is not None, "objects are written inside `put` only"
        return self._scratch


def open_folder(address: str, *, create: bool) -> Remote:
    """The remote in a folder (`modelhub.remotes.kinds.OpenRemote`)."""
    folder = Path(unquote(urlsplit(address).path))
    return FolderRemote.create(folder) if create else FolderRemote.open(folder)


def _ref_file(name: str) -> str:
    return quote(name, safe="")


def _refuse_others(folder: Path) -> None:
    """Refuse a folder of something else; what a creation left that was cut off is fine."""
    own = {"objects", "refs", "tmp", "lock"}
    try:
        with durable.reported("list", folder):
            others = sorted({each.name for each in folder.iterdir()} - own)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConflictError(f"{folder} is a file; name a folder for the remote") from None
    if others:
        raise ConflictError(
            f"{folder} is no remote and has other things in it ({others[0]!r:.80}); "
            "name a new or empty folder"
        )
