"""Tensors stored otherwise: written anew, read back, and switched to in one transaction."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from modelhub import durable
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.switching import switch
from modelhub.dlv.maintenance import known_packs
from modelhub.errors import IntegrityError, ModelHubError, StorageError
from modelhub.pas import (
    ArchiveReader,
    MemoryIndex,
    OverlayIndex,
    SegmentMember,
    StoredTensor,
    WrittenPack,
    check_pack,
)
from modelhub.values import Progress, TensorId

SPILL = 32 << 20  # pending bytes from which on they are written, for a run that is cut off
MARGIN = 1.05  # of what is written over what was estimated
ROOM = 16 << 20  # bytes that stay free: the catalog grows, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A tensor, how it is stored now, and how it is to be stored.

    Attributes:
        stored: the present copy.
        base: what the new one is a delta of, or None.
        size: bytes of the new one, estimated.
    """

    stored: StoredTensor
    base: TensorId | None
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What came of moves.

    Attributes:
        written: bytes of new objects.
        found: how many copies an earlier run had written already.
        sizes: bytes of each new copy.
    """

    written: int
    found: int
    sizes: dict[TensorId, int]


def peak_bytes(moves: Sequence[Move]) -> int:
    """Bytes that are needed beside what is stored, until `gc` frees the old copies; at most."""
    return round(MARGIN * sum(each.size for each in moves)) if moves else 0


def check_room(repository: BaseRepository, moves: Sequence[Move]) -> None:
    """Refuse what does not fit, before anything is written.

    Raises:
        StorageError: the disk has too little room.
    """
    peak, free = peak_bytes(moves), durable.free_bytes(repository.layout.objects)
    if moves and peak + ROOM > free:
        raise StorageError(
            f"the plan needs {peak + ROOM:,} bytes beside the old copies, and the disk of "
            f"{repository.layout.objects} has {free:,}; free some, or archive fewer versions "
            "at a time, with dlv gc after each"
        )


def rewrite(
    repository: BaseRepository,
    moves: Sequence[Move],
    *,
    before: Sequence[StoredTensor],
    threads: int | None = None,
    progress: Progress | None = None,
) -> Rewritten:
    """Store tensors otherwise; inside `writing` only. Others read and commit meanwhile.

    Every new copy is read back through its new chain and compared with the tensor's id before
    anyone sees it. Copies that a run which was killed left complete are taken over.

    Args:
        repository: where.
        moves: what is to be stored otherwise.
        before: how all tensors are stored that the moves were chosen among.
        threads: how many encode; the setting `core.jobs` if None.
        progress: told of tensors.

    Raises:
        ConflictError: another process was faster; nothing was changed.
        IntegrityError: something stored is damaged; nothing was changed.
        StorageError: disk full; nothing was changed.

    Cost:
        decodes each tensor and its base, encodes it, and decodes it again with its chain.
    """
    if not moves:
        return Rewritten(written=0, found=0, sizes={})
    leftovers = _leftovers(repository)
    wanted = {each.stored.info.id: each.base for each in moves}
    found = _copies(repository, leftovers, wanted)
    with repository.writer(threads=threads) as writer:
        for done, each in enumerate(moves):
            if progress is not None:
                progress("storing", done, len(moves))
            if each.stored.info.id not in found:
                writer.put_copy(each.stored.info.id, base=each.base)
            if writer.pending >= SPILL:
                writer.spill()
    copies = found | _copies(repository, writer.packs, wanted)
    _read_back(repository, copies, threads or repository.threads, progress)
    packs = _of(copies.values(), [*writer.packs, *leftovers])
    with repository.catalog.write() as connection:
        were = {each.info.id: each for each in before}
        switch(connection, packs, list(copies.values()), before=were)
    return Rewritten(
        written=sum(each.size for each in writer.packs),
        found=len(found),
        sizes={id_: each.cost for id_, each in copies.items()},
    )


def _leftovers(repository: BaseRepository) -> list[WrittenPack]:
    """Sound objects that the catalog does not know, and that hold segments only.

    An earlier run wrote them, and did not come to its end.
    """
    known = {id_ for id_, _ in known_packs(repository.catalog)}
    packs = []
    for id_ in repository.store.ids():
        if id_ in known:
            continue
        with suppress(ModelHubError):  # cut off, or gone meanwhile
            footer = repository.footer(id_)
            if all(isinstance(member, SegmentMember) for member in footer.members):
                check_pack(repository.store, id_)
                size = repository.store.size(id_)
                packs.append(WrittenPack(id=id_, size=size, footer=footer))
    return packs


def _copies(
    repository: BaseRepository,
    packs: Iterable[WrittenPack],
    wanted: dict[TensorId, TensorId | None],
) -> dict[TensorId, StoredTensor]:
    """The complete copies in packs that are as they are wanted."""
    memory = MemoryIndex(outside=repository.index)
    for each in packs:
        memory.register(each.id, each.footer)
    found: dict[TensorId, StoredTensor] = {}
    for copy in memory.copies():
        id_ = copy.info.id
        rival = found.get(id_)
        is_wanted = id_ in wanted and copy.base == wanted[id_]
        if is_wanted and (rival is None or (copy.cost, copy.order) < (rival.cost, rival.order)):
            found[id_] = copy
    return found


def _read_back(
    repository: BaseRepository,
    copies: dict[TensorId, StoredTensor],
    threads: int,
    progress: Progress | None,
) -> None:
    over = OverlayIndex(repository.index, copies)
    with ArchiveReader(repository.store, over, threads=threads) as reader:
        for done, id_ in enumerate(copies):
            if progress is not None:
                progress("reading back", done, len(copies))
            try:
                reader.check_tensor(id_)
            except IntegrityError as error:
                raise IntegrityError(f"nothing was changed: {error}") from error


def _of(copies: Iterable[StoredTensor], packs: Sequence[WrittenPack]) -> list[WrittenPack]:
    """The packs that hold some copies."""
    needed = {segment.location.pack for copy in copies for segment in copy.segments}
    return [each for each in packs if each.id in needed]
