"""Members of several packs into new packs, byte for byte."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from modelhub.errors import NewerFormatError
from modelhub.pas.footer import BlobMember, Member, PackFooter
from modelhub.pas.limits import LIMITS, Limits
from modelhub.pas.pack import Location, WrittenPack, read_footer
from modelhub.pas.packing import Pending, PendingBlob, PendingSegment
from modelhub.pas.store import ObjectStore
from modelhub.pas.transfer import Unread, write_members
from modelhub.values import BlobId, PackId, TensorId


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberIdentity:
    """What a member is, to whoever decides whether it is kept.

    Attributes:
        pack: where it lies.
        offset: where in the pack.
        blob: the blob, or None for a segment.
        tensors: the segment's tensor, or the tensors of a block.
    """

    pack: PackId
    offset: int
    blob: BlobId | None
    tensors: tuple[TensorId, ...]


def merge_packs(
    store: ObjectStore,
    packs: Sequence[PackId],
    *,
    keep: Callable[[MemberIdentity], bool],
    limits: Limits = LIMITS,
) -> list[WrittenPack]:
    """Copy what `keep` accepts into new packs; members that are the same are copied once.

    The old packs stay: delete them when the new ones are registered.

    Raises:
        NotFoundError: a pack is missing.
        IntegrityError: a footer, or a member that is kept, is damaged; nothing refers to what
            was written.
        NewerFormatError: a pack holds members of a kind that is unknown here.

    Cost:
        reads what is kept once; one pack is in memory.
    """
    unread: dict[Pending, Unread] = {}
    for pack in packs:
        footer = read_footer(store, pack)
        if footer.unknown:
            raise NewerFormatError(
                f"pack {pack} has members that a later version of modelhub-dlv wrote; "
                "install it to merge them"
            )
        for member in footer.members:
            if keep(_identity(pack, footer, member)):
                pending = _pending(footer, member)
                unread.setdefault(
                    pending, Unread(store=store, location=_location(pack, member), pending=pending)
                )
    return list(write_members(store, unread.values(), limits=limits))


def _location(pack: PackId, member: Member) -> Location:
    return Location(pack=pack, offset=member.offset, size=member.size, checksum=member.checksum)


def _identity(pack: PackId, footer: PackFooter, member: Member) -> MemberIdentity:
    if isinstance(member, BlobMember):
        blob, indexes = member.id, [index for index, _ in member.tensors]
    else:
        blob, indexes = None, [footer.copies[member.copy].tensor]
    return MemberIdentity(
        pack=pack,
        offset=member.offset,
        blob=blob,
        tensors=tuple(footer.tensors[index].info.id for index in indexes),
    )


def _pending(footer: PackFooter, member: Member) -> Pending:
    """The member without its bytes and place, so that it equals the same one of another pack."""
    if isinstance(member, BlobMember):
        return PendingBlob(
            member=replace(member, offset=0, tensors=()),
            parts=(),
            tensors=tuple((footer.tensors[index], offset) for index, offset in member.tensors),
        )
    copy = footer.copies[member.copy]
    return PendingSegment(
        tensor=footer.tensors[copy.tensor],
        entry=replace(copy, tensor=0),
        member=replace(member, offset=0, copy=0),
        parts=(),
    )
