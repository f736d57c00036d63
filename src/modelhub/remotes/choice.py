"""Which versions of a remote are meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelhub.dlv.revisions import LATEST, candidates, parse
from modelhub.errors import InputError, NotFoundError
from modelhub.remotes.documents import Track, TrackEntry
from modelhub.remotes.remote import Remote, read_track

Chosen = tuple[Track, Sequence[TrackEntry]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteModel:
    """A model on a remote: its name, the numbers of its versions, and its tags."""

    name: str
    numbers: Sequence[int]
    tags: Sequence[str]


def models_of(remote: Remote) -> list[RemoteModel]:
    """All models of a remote."""
    tracks = [read_track(remote, name)[1] for name in remote.models()]
    return [
        RemoteModel(
            name=track.name,
            numbers=[each.number for each in track.versions],
            tags=sorted(track.tags),
        )
        for track in tracks
    ]


def everything(remote: Remote) -> list[Chosen]:
    """All versions of all models."""
    tracks = [read_track(remote, name)[1] for name in remote.models()]
    return [(track, track.versions) for track in tracks]


def chosen(remote: Remote, revision: str, *, all_versions: bool) -> Chosen:
    """The versions that a revision names on a remote: `NAME`, `NAME@number` or `NAME@tag`.

    Args:
        remote: where.
        revision: what, as the remote calls it.
        all_versions: whether a name alone means all its versions, and not the latest.

    Raises:
        InputError: the text is no revision, or one that only a repository can resolve.
        NotFoundError: the remote has no such version; says what it has.
    """
    found = parse(revision)
    if found.steps or found.snapshot or found.step is not None or found.tensors:
        raise InputError(
            f"{revision!r} names a part, or a relative, of a version; fetch the version, "
            "then name them"
        )
    _, track = read_track(remote, found.name)
    if not track.versions:
        hint = candidates(found.name, list(remote.models()))
        raise NotFoundError(f"{remote.url} has no model {found.name!r}; {hint}")
    if found.selector is None and all_versions:
        return track, track.versions
    return track, [_selected(track, found.selector, remote.url)]


def _selected(track: Track, selector: int | str | None, url: str) -> TrackEntry:
    if selector is None or selector == LATEST:
        return track.versions[-1]
    for each in track.versions:
        if each.number == selector or track.tags.get(str(selector)) == each.version:
            return each
    known = [*map(str, (each.number for each in track.versions)), *track.tags, LATEST]
    raise NotFoundError(
        f"{track.name} on {url} has no version {selector!r}; {candidates(str(selector), known)}"
    )
