"""Take files into the store: tensors by content, the rest as literals, a recipe each."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from modelhub.dlv.recipe import FileRecipe, LiteralPart, Part, TensorPart, recipe_bytes
from modelhub.errors import ConflictError, InputError, StorageError
from modelhub.identity import hasher
from modelhub.pas import ArchiveWriter
from modelhub.recipes import Layout
from modelhub.values import BlobId, FileId, Shape, TensorId, TensorInfo

LITERAL_BYTES = 4 << 20  # docs/spec/recipes.md §1
BASE_BYTES = 1 << 20  # a longer literal gains little from its parent's

Advance = Callable[[int], None]

Candidates = Callable[[str | None, str, Shape], Sequence[TensorId]]
"""A tensor's name, dtype and shape → stored tensors that it may resemble."""


def no_candidates(_name: str | None, _dtype: str, _shape: Shape) -> Sequence[TensorId]:
    """Nothing is known."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """A file that is in the store now."""

    recipe: FileRecipe
    blob: BlobId
    spans: tuple[TensorInfo, ...]  # the tensors of the layout's spans, in their order


def take_file(
    writer: ArchiveWriter,
    path: Path,
    layout: Layout,
    *,
    bases: list[BlobId],
    advance: Advance,
    candidates: Candidates = no_candidates,
) -> TakenFile:
    """Store a file's tensors and literals, and its recipe.

    Args:
        writer: where they go.
        path: the file.
        layout: which of its bytes are tensors.
        bases: literals of a similar file, against which its own are compressed.
        advance: told of bytes as they are read, for a progress bar.
        candidates: gives stored tensors that those of the file may resemble.

    Raises:
        ConflictError: the file changed while it was read.
        InputError: it is no file any more, or cannot be read.
    """
    with _unchanging(path, layout.size) as file:
        taking = _Taking(writer=writer, file=file, path=path, bases=bases, advance=advance)
        taking.candidates = candidates
        return taking.run(layout)


@contextmanager
def _unchanging(path: Path, size: int) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError:
        raise InputError(f"{path} has vanished; add what is there now") from None
    except PermissionError:
        raise InputError(f"{path} cannot be read: permission denied") from None
    with file:
        before = _stamp(file)
        if before[0] != size:
            raise _changed(path)
        yield file
        if _stamp(file) != before:
            raise _changed(path)


def _stamp(file: BinaryIO) -> tuple[int, int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _changed(path: Path) -> ConflictError:
    return ConflictError(
        f"{path} changed while it was being added; wait until it is written, then commit again"
    )


class _Taking:
    """The state of one pass over a file: position, pending literal, parts so far."""

    def __init__(
        self,
        *,
        writer: ArchiveWriter,
        file: BinaryIO,
        path: Path,
        bases: list[BlobId],
        advance: Advance,
    ) -> None:
        self.writer = writer
        self.file = file
        self.path = path
        self.bases = bases
        self.advance = advance
        self.candidates: Candidates = no_candidates
        self.digest = hasher()
        self.literal = bytearray()
        self.pending: list[tuple[int, int]] = []  # (index into parts, offset) of open literals
        self.parts: list[Part] = []
        self.blobs = 0

    def run(self, layout: Layout) -> TakenFile:
        """Read the file once, from its beginning to its end."""
        position, infos = 0, []
        names = {each.span: each.name for each in layout.tensors if each.span is not None}
        for number, span in enumerate(layout.spans):
            self._literal(position, span.offset)
            info = self._tensor(span.offset, span.dtype, span.shape, names.get(number))
            self.parts.append(TensorPart(tensor=info.id, length=span.length))
            infos.append(info)
            position = span.offset + span.length
        self._literal(position, layout.size)
        self._close_literal()
        recipe = FileRecipe(
            file=FileId(self.digest.hexdigest()),
            size=layout.size,
            reader=layout.reader,
            parts=self.parts,
        )
        blob = self.writer.put_blob(recipe_bytes(recipe), role="recipe", file=recipe.file)
        return TakenFile(recipe=recipe, blob=blob, spans=tuple(infos))

    def _read(self, offset: int, size: int) -> bytes:
        try:
            data = os.pread(self.file.fileno(), size, offset)
        except OSError as error:
            raise StorageError(f"cannot read {self.path}: {error.strerror}") from error
        if len(data) != size:
            raise _changed(self.path)
        return data

    def _tensor(self, start: int, dtype: str, shape: Shape, name: str | None) -> TensorInfo:
        def source(offset: int, size: int) -> bytes:
            return self._read(start + offset, size)

        def observer(data: memoryview) -> None:
            self.digest.update(data)
            self.advance(len(data))

        return self.writer.put_tensor(
            source,
            dtype=dtype,
            shape=shape,
            observer=observer,
            base_candidates=self.candidates(name, dtype, shape),
        )

    def _literal(self, start: int, stop: int) -> None:
        """Take [start, stop) as literal bytes, closing a blob whenever one is full."""
        while start < stop:
            size = min(stop - start, LITERAL_BYTES - len(self.literal))
            data = self._read(start, size)
            self.digest.update(data)
            self.advance(size)
            self.pending.append((len(self.parts), len(self.literal)))
            self.parts.append(LiteralPart(blob=BlobId(""), offset=len(self.literal), length=size))
            self.literal += data
            start += size
            if len(self.literal) == LITERAL_BYTES:
                self._close_literal()

    def _close_literal(self) -> None:
        """Store the pending literal bytes, and tell the parts that wait for their blob's id."""
        if not self.literal:
            return
        has_base = self.blobs < len(self.bases) and len(self.literal) <= BASE_BYTES
        base = self.bases[self.blobs] if has_base else None
        id_ = self.writer.put_blob(bytes(self.literal), role="literal", base=base)
        for index, offset in self.pending:
            part = self.parts[index]
            self.parts[index] = LiteralPart(blob=id_, offset=offset, length=part.length)
        self.literal.clear()
        self.pending.clear()
        self.blobs += 1
