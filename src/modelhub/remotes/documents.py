"""Parcels and tracks, as values and as the objects that they are (docs/spec/sync.md §2, §3)."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from modelhub.dlv.revisions import check_name, check_tag
from modelhub.durable import Buffer
from modelhub.errors import IntegrityError, NewerFormatError
from modelhub.identity import canonical_json
from modelhub.pas import MAX_PACK
from modelhub.values import Json, PackId, VersionId

FORMAT = 1
MAX_NUMBER = 999_999_999
MAX_VERSIONS = 100_000
_ID = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """The packs that one version needs, with their sizes in bytes."""

    version: VersionId
    packs: Mapping[PackId, int]

    def to_bytes(self) -> bytes:
        """Its object."""
        packs: Json = [[id_, size] for id_, size in sorted(self.packs.items())]
        return canonical_json({"format": FORMAT, "version": self.version, "packs": packs})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackEntry:
    """A version of a track: its number there, its id, and the object id of its parcel."""

    number: int
    version: VersionId
    parcel: PackId


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What a remote says of one model.

    Attributes:
        name: the model's.
        previous: the object id of the track that this one replaces, or None.
        versions: ascending by number.
        tags: version ids by tag.
    """

    name: str
    previous: PackId | None = None
    versions: Sequence[TrackEntry] = ()
    tags: Mapping[str, VersionId] = field(default_factory=dict)

    def entry(self, version: str) -> TrackEntry | None:
        """The entry of a version, or None if the remote does not have it."""
        return next((each for each in self.versions if each.version == version), None)

    def to_bytes(self) -> bytes:
        """Its object."""
        versions: Json = [
            {"number": each.number, "version": each.version, "parcel": each.parcel}
            for each in self.versions
        ]
        return canonical_json(
            {
                "format": FORMAT,
                "name": self.name,
                "previous": self.previous,
                "versions": versions,
                "tags": dict(self.tags),
            }
        )


def object_id(data: Buffer) -> PackId:
    """What an object of these bytes is called."""
    return PackId(hashlib.sha256(data).hexdigest())


def parse_parcel(raw: bytes) -> Parcel:
    """The parcel in an object.

    Raises:
        IntegrityError: it is not what the format says.
        NewerFormatError: it is of a later format.
    """
    return _parsed(raw, "parcel", _parcel)


def parse_track(raw: bytes) -> Track:
    """The track in an object.

    Raises:
        IntegrityError: it is not what the format says.
        NewerFormatError: it is of a later format.
    """
    return _parsed(raw, "track", _track)


def _parsed(raw: bytes, what: str, parse: Callable[[Mapping[str, Any]], T]) -> T:
    try:
        found = json.loads(raw)
        is_ours = found["format"] == FORMAT
        if is_ours:
            return parse(found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError(f"the remote has a {what} that is not valid ({error})") from error
    raise NewerFormatError(
        f"the remote has a {what} of format {found['format']!r:.20}, this dlv reads {FORMAT}; "
        "upgrade with: pip install --upgrade modelhub-dlv"
    )


def _parcel(found: Mapping[str, Any]) -> Parcel:
    packs = {PackId(_id(id_)): _integer(size, most=MAX_PACK) for id_, size in found["packs"]}
    if len(packs) != len(found["packs"]):
        raise ValueError("a pack is named twice")
    return Parcel(version=VersionId(_id(found["version"])), packs=packs)


def _track(found: Mapping[str, Any]) -> Track:
    previous = found["previous"]
    versions = [_entry(each) for each in found["versions"]]
    numbers = [each.number for each in versions]
    ids = {each.version for each in versions}
    if numbers != sorted(set(numbers)) or len(ids) != len(versions) or len(ids) > MAX_VERSIONS:
        raise ValueError("its versions are not in order, not different, or too many")
    tags = {check_tag(_text(tag)): VersionId(_id(each)) for tag, each in found["tags"].items()}
    if not ids.issuperset(tags.values()):
        raise ValueError("a tag names no version of it")
    return Track(
        name=check_name(_text(found["name"])),
        previous=None if previous is None else PackId(_id(previous)),
        versions=versions,
        tags=tags,
    )


def _entry(found: Mapping[str, Any]) -> TrackEntry:
    return TrackEntry(
        number=_integer(found["number"], most=MAX_NUMBER),
        version=VersionId(_id(found["version"])),
        parcel=PackId(_id(found["parcel"])),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.80} is no text")
    return value


def _id(value: object) -> str:
    if not _ID.fullmatch(_text(value)):
        raise ValueError(f"{value!r:.80} is no id")
    return str(value)


def _integer(value: object, *, most: int) -> int:
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{value!r:.80} is no number from 1 to {most}")
    return value
