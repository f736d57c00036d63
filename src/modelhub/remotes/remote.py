"""What a remote is: a few operations (docs/spec/sync.md §5)."""

from collections.abc import Sequence
from typing import Protocol

from modelhub.durable import Buffer
from modelhub.errors import IntegrityError
from modelhub.pas import MAX_PACK
from modelhub.remotes.documents import Parcel, Track, object_id, parse_parcel, parse_track
from modelhub.values import PackId


class Remote(Protocol):
    """Objects, named by the SHA-256 of their bytes, and refs, which lead to tracks.

    Whoever reads from one trusts nothing: what `read` gives is compared with what it must be by
    the caller.
    """

    url: str
    """How it is named for people."""

    def models(self) -> Sequence[str]:
        """The names of its refs."""
        ...

    def sharing(self, name: str) -> Sequence[str]:
        """The refs whose packs the versions of a model may use, too.

        All of them, but where some people may read one and not the other.
        """
        ...

    def ref(self, name: str) -> PackId | None:
        """The id of a ref's track, or None if there is no such ref."""
        ...

    def missing(self, ids: Sequence[PackId]) -> set[PackId]:
        """Which objects it lacks; those that it has are spared by its next collections."""
        ...

    def put(self, data: Buffer, id: PackId | None = None) -> PackId:  # noqa: A002 - it is one
        """Store an object; when this returns it is durable. One that is there already is fine.

        Args:
            data: its bytes.
            id: its name, if the caller has hashed it already.
        """
        ...

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object.

        Raises:
            NotFoundError: the object is not there.
            IntegrityError: it has no such range.
        """
        ...

    def size(self, pack: PackId) -> int:
        """Bytes of an object.

        Raises:
            NotFoundError: the object is not there.
        """
        ...

    def swap(self, name: str, old: PackId | None, new: PackId) -> None:
        """Let a ref lead to the track `new`, if it leads to `old` now.

        Raises:
            ConflictError: it leads elsewhere.
            IntegrityError: something of the new track is missing, or is not as it must be.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def read_object(remote: Remote, id_: PackId, *, most: int = MAX_PACK) -> bytes:
    """A whole object, compared with its name.

    Args:
        remote: where it is.
        id_: its name.
        most: bytes that it may have; nothing is read of a larger one.

    Raises:
        NotFoundError: it is not there.
        IntegrityError: it is too large, or its bytes make another name.
    """
    size = remote.size(id_)
    if not 0 < size <= most:
        raise IntegrityError(
            f"{remote.url}: object {id_[:12]} has {size} bytes, at most {most} are possible; "
            "the remote is damaged"
        )
    data = remote.read(id_, 0, size)
    if object_id(data) != id_:
        raise IntegrityError(f"{remote.url}: object {id_[:12]} is damaged; publish it again")
    return data


def read_track(remote: Remote, name: str) -> tuple[PackId | None, Track]:
    """A ref and its track; None and an empty one if the remote does not know the model.

    Raises:
        IntegrityError: it is damaged, or of another model.
    """
    id_ = remote.ref(name)
    if id_ is None:
        return None, Track(name=name)
    track = parse_track(read_object(remote, id_))
    if track.name != name:
        raise IntegrityError(f"{remote.url}: the ref {name!r} leads to the model {track.name!r}")
    return id_, track


def read_parcel(remote: Remote, id_: PackId) -> Parcel:
    """A parcel.

    Raises:
        NotFoundError: it is not there.
        IntegrityError: it is damaged.
    """
    return parse_parcel(read_object(remote, id_))
