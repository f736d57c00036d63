"""What must hold before a ref may move (docs/spec/sync.md §5)."""

from modelhub.errors import IntegrityError, NotFoundError
from modelhub.remotes.documents import Track, TrackEntry, parse_track
from modelhub.remotes.remote import Remote, read_object, read_parcel
from modelhub.values import PackId


def check_track(remote: Remote, name: str, old: PackId | None, new: PackId) -> tuple[Track, Track]:
    """Whether everything that a new track promises is on the remote; the old and the new one.

    Args:
        remote: which.
        name: of the ref that is to lead to it.
        old: the track that the ref leads to now, or None.
        new: the new one.

    Raises:
        IntegrityError: says what is missing or wrong.

    Cost:
        the sizes of the packs of versions that `old` does not have.
    """
    try:
        track = parse_track(read_object(remote, new))
        before = Track(name=name) if old is None else parse_track(read_object(remote, old))
        if track.name != name or track.previous != old or not _continues(track, before):
            raise IntegrityError(f"{remote.url}: track {new[:12]} does not continue that of {name}")
        known = {each.parcel for each in before.versions}
        for entry in track.versions:
            if entry.parcel not in known:
                _check_parcel(remote, entry)
    except NotFoundError as error:
        raise IntegrityError(f"{remote.url}: {name} was not published: {error}") from error
    return before, track


def _continues(track: Track, before: Track) -> bool:
    """Whether nothing that was there is lost or called otherwise."""
    versions = {(each.number, each.version) for each in track.versions}
    return (
        versions.issuperset((each.number, each.version) for each in before.versions)
        and track.tags.items() >= before.tags.items()
    )


def _check_parcel(remote: Remote, entry: TrackEntry) -> None:
    parcel = read_parcel(remote, entry.parcel)
    wrong = [id_ for id_, size in parcel.packs.items() if remote.size(id_) != size]
    if parcel.version != entry.version or wrong:
        raise IntegrityError(
            f"{remote.url}: parcel {entry.parcel[:12]} is not that of version {entry.version[:12]}"
            if not wrong
            else f"{remote.url}: pack {wrong[0][:12]} is not as long as its parcel says"
        )
