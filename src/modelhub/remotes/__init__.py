"""Remotes: versions go there and come back, and only what is lacking travels."""

from modelhub.remotes.addresses import (
    add_remote,
    address_of,
    check_address,
    open_remote,
    remotes_of,
    remove_remote,
)
from modelhub.remotes.choice import RemoteModel, chosen, everything, models_of
from modelhub.remotes.documents import Parcel, Track, TrackEntry, parse_track
from modelhub.remotes.fetching import Fetched, FetchedVersion, fetch
from modelhub.remotes.folder import FolderRemote
from modelhub.remotes.kinds import REMOTES, OpenRemote
from modelhub.remotes.publishing import Published, PublishedVersion, publish
from modelhub.remotes.pulling import ORIGIN, Cloned, Pulled, clone, pull
from modelhub.remotes.remote import Remote

__all__ = [
    "ORIGIN",
    "REMOTES",
    "Cloned",
    "Fetched",
    "FetchedVersion",
    "FolderRemote",
    "OpenRemote",
    "Parcel",
    "Published",
    "PublishedVersion",
    "Pulled",
    "Remote",
    "RemoteModel",
    "Track",
    "TrackEntry",
    "add_remote",
    "address_of",
    "check_address",
    "chosen",
    "clone",
    "everything",
    "fetch",
    "models_of",
    "open_remote",
    "parse_track",
    "publish",
    "pull",
    "remotes_of",
    "remove_remote",
]
