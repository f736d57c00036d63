"""dlv fsck --repair: heal damaged tensors and blobs from repositories or files that have them."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.schema import blob, copy, pack, segment, tensor
from modelhub.dlv.catalog.storage import register, relocate
from modelhub.dlv.catalog.sweep import delete_empty_packs, delete_unreferenced
from modelhub.dlv.catalog.versions import recipe_of
from modelhub.dlv.ingest import take_file
from modelhub.dlv.layout import FOLDER
from modelhub.dlv.maintenance import known_packs
from modelhub.dlv.operations.fsck import hit_by
from modelhub.dlv.survey import expand
from modelhub.errors import ModelHubError
from modelhub.identity import hasher, tensor_hasher
from modelhub.pas import (
    BLOCK,
    ArchiveWriter,
    BlobMember,
    MemberIdentity,
    StorageIndex,
    StoredBlob,
    StoredTensor,
    check_pack,
    merge_packs,
    sound_members,
)
from modelhub.recipes import Layout, read_layouts
from modelhub.values import BlobId, FileId, PackId, TensorId, TensorInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The outcome of a repair.

    Attributes:
        objects: damaged objects that were found.
        healed_tensors: how many tensors were healed.
        healed_blobs: how many blobs were healed.
        missing: names of tensors, and ids of blobs, that no source has.
        versions: versions that are still hit.
    """

    objects: Sequence[PackId]
    healed_tensors: int
    healed_blobs: int
    missing: Sequence[str]
    versions: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bad:
    """What cannot be read: descriptions of tensors, ids of blobs."""

    tensors: Mapping[TensorId, TensorInfo]
    blobs: Mapping[BlobId, str]  # with their roles


@dataclass(frozen=True, slots=True, kw_only=True)
class _Without:
    """An index that does not know what is damaged, so that a writer takes it anew."""

    index: StorageIndex
    bad: _Bad

    def find_tensor(self, id: TensorId) -> StoredTensor | None:  # noqa: A002 - the protocol's name
        return None if id in self.bad.tensors else self.index.find_tensor(id)

    def find_blob(self, id: BlobId) -> StoredBlob | None:  # noqa: A002 - the protocol's name
        return None if id in self.bad.blobs else self.index.find_blob(id)

    def blob_depth(self, id: BlobId) -> int:  # noqa: A002 - the protocol's name
        return self.index.blob_depth(id)


def repair(repository: BaseRepository, sources: Sequence[Path]) -> Repaired:
    """Take damaged tensors and blobs anew from other repositories, or from files.

    Every tensor and blob is compared with its id, so that a source need not be trusted. What
    no source has stays as it is, and can be healed later.

    Args:
        repository: what to heal.
        sources: folders of repositories, or files and folders of files.

    Raises:
        InputError: a source is neither.
    """
    with repository.writing("fsck --repair", exclusive=True):
        damaged = _damaged(repository)
        sound = {id_: sound_members(repository.store, id_) for id_ in damaged}
        bad = _bad(repository, sound)
        with ArchiveWriter(
            repository.store, _Without(index=repository.index, bad=bad), threads=repository.threads
        ) as writer:
            for source in sources:
                _take(repository, writer, source, bad)
            writer.finish()
        healed = _publish(repository, writer, bad)
        _keep_sound(repository, sound)
        return _report(repository, damaged, healed, bad)


def _damaged(repository: BaseRepository) -> list[PackId]:
    found = []
    for id_, _ in known_packs(repository.catalog):
        try:
            check_pack(repository.store, id_)
        except ModelHubError:
            found.append(id_)
    return found


def _bad(repository: BaseRepository, sound: Mapping[PackId, set[int]]) -> _Bad:
    """The tensors and blobs that have something among the bad members."""
    tensors: dict[TensorId, TensorInfo] = {}
    blobs: dict[BlobId, str] = {}
    blocks: set[int] = set()
    for id_, offsets in sound.items():
        here = select(pack.c.key).where(pack.c.id == id_)
        query = (
            select(tensor.c.id, segment.c.offset)
            .join(copy, copy.c.tensor == tensor.c.key)
            .join(segment, segment.c.copy == copy.c.key)
            .where(segment.c.pack.in_(here))
        )
        for row in repository.catalog.rows(query):
            if row.offset not in offsets:
                tensors[row.id] = _info(repository, row.id)
        for row in repository.catalog.rows(select(blob).where(blob.c.pack.in_(here))):
            if row.offset not in offsets:
                blobs[row.id] = row.role
                blocks.add(row.key)
    small = select(tensor.c.id).join(copy, copy.c.tensor == tensor.c.key)
    for row in repository.catalog.rows(small.where(copy.c.block.in_(blocks))):
        tensors[row.id] = _info(repository, row.id)
    return _Bad(tensors=tensors, blobs=blobs)


def _info(repository: BaseRepository, id_: TensorId) -> TensorInfo:
    stored = repository.index.find_tensor(id_)
    assert stored is not None
    return stored.info


def _take(repository: BaseRepository, writer: ArchiveWriter, source: Path, bad: _Bad) -> None:
    if (source / FOLDER).is_dir():
        with BaseRepository.open(source) as other:
            _take_from_repository(writer, other, bad)
        return
    root = source if source.is_dir() else source.parent
    paths = expand([source], root)
    for path, layout in read_layouts(root, paths).items():
        _take_from_file(repository, writer, root / path, layout, bad)


def _take_from_repository(writer: ArchiveWriter, other: BaseRepository, bad: _Bad) -> None:
    for id_, info in bad.tensors.items():
        try:
            data = other.reader.read(id_)
        except ModelHubError:
            continue
        writer.put_tensor(_Slice(data), dtype=info.dtype, shape=info.shape)
    for key, role in bad.blobs.items():
        try:
            raw = other.reader.blob(key)
        except ModelHubError:
            continue
        if role != BLOCK:
            found = other.index.find_blob(key)
            writer.put_blob(raw, role=role, file=None if found is None else found.file)


def _take_from_file(
    repository: BaseRepository, writer: ArchiveWriter, path: Path, layout: Layout, bad: _Bad
) -> None:
    """Take the tensors that are wanted; a file that is known as a whole gives literals, too."""
    with path.open("rb") as file:
        file_id = hashlib.file_digest(file, hasher).hexdigest()
    if recipe_of(repository.catalog, FileId(file_id)) is not None:
        take_file(writer, path, layout, bases=[], advance=lambda _size: None)
        return
    with path.open("rb") as file:
        for span in layout.spans:
            data = os.pread(file.fileno(), span.length, span.offset)
            digest = tensor_hasher(span.dtype, span.shape)
            digest.update(data)
            if digest.hexdigest() in bad.tensors:
                writer.put_tensor(_Slice(data), dtype=span.dtype, shape=span.shape)


@dataclass(frozen=True, slots=True)
class _Slice:
    """A source of bytes over memory."""

    data: bytes | memoryview

    def __call__(self, offset: int, size: int) -> bytes | memoryview:
        return self.data[offset : offset + size]


def _publish(
    repository: BaseRepository, writer: ArchiveWriter, bad: _Bad
) -> tuple[set[TensorId], set[BlobId]]:
    """Point the index at what was taken; the ids of what is healed."""
    tensors = {
        entry.info.id for each in writer.packs for entry in each.footer.tensors
    } & bad.tensors.keys()
    blobs = {
        member.id
        for each in writer.packs
        for member in each.footer.members
        if isinstance(member, BlobMember)
    } & bad.blobs.keys()
    with repository.catalog.write() as connection:
        for each in tensors:
            _forget_copy(connection, each)
        register(connection, writer.packs, outside=repository.index)
        relocate(connection, writer.packs)
        for id_ in blobs:
            alone = (blob.c.id == id_) & blob.c.base.is_(None)
            connection.execute(update(blob).where(alone).values(depth=0))
    return tensors, blobs


def _forget_copy(connection: Connection, id_: TensorId) -> None:
    key = select(tensor.c.key).where(tensor.c.id == id_)
    copies = select(copy.c.key).where(copy.c.tensor.in_(key))
    connection.execute(delete(segment).where(segment.c.copy.in_(copies)))
    connection.execute(delete(copy).where(copy.c.tensor.in_(key)))


def _keep_sound(repository: BaseRepository, sound: Mapping[PackId, set[int]]) -> None:
    """Copy what is right in damaged packs into new ones, and drop packs that nothing needs."""
    for id_, offsets in sound.items():
        written = merge_packs(repository.store, [id_], keep=_At(offsets)) if offsets else []
        with repository.catalog.write() as connection:
            register(connection, written, outside=repository.index)
            relocate(connection, written)
            delete_unreferenced(connection)
            gone = delete_empty_packs(connection)
        for each in gone:
            repository.store.delete(PackId(each))


@dataclass(frozen=True, slots=True)
class _At:
    """Keeps the members at some offsets."""

    offsets: set[int]

    def __call__(self, member: MemberIdentity) -> bool:
        return member.offset in self.offsets


def _report(
    repository: BaseRepository,
    damaged: Sequence[PackId],
    healed: tuple[set[TensorId], set[BlobId]],
    bad: _Bad,
) -> Repaired:
    tensors, blobs = healed
    versions = {version for id_ in damaged for version in hit_by(repository.catalog, id_)[1]}
    missing = [*(bad.tensors.keys() - tensors), *(bad.blobs.keys() - blobs - _blocks(bad))]
    return Repaired(
        objects=damaged,
        healed_tensors=len(tensors),
        healed_blobs=len(blobs),
        missing=sorted(missing),
        versions=sorted(versions),
    )


def _blocks(bad: _Bad) -> set[BlobId]:
    """Blocks are not healed themselves: their tensors go into new ones."""
    return {id_ for id_, role in bad.blobs.items() if role == BLOCK}
