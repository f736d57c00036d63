"""Remotes: versions go there and come back, and only what is lacking travels."""

from modelhub.remotes.addresses import (
    add_remote,
    address_of,
    check_address,
    hub_of,
    open_remote,
    remotes_of,
    remove_remote,
)
from modelhub.remotes.choice import RemoteModel, chosen, everything, models_of
from modelhub.remotes.credentials import keep_token, known_hubs, token_of
from modelhub.remotes.documents import Parcel, Track, TrackEntry, object_id, parse_track
from modelhub.remotes.fetching import Fetched, FetchedVersion, fetch
from modelhub.remotes.folder import FolderRemote
from modelhub.remotes.hub import HubRemote
from modelhub.remotes.hub_client import HubClient
from modelhub.remotes.kinds import REMOTES, OpenRemote
from modelhub.remotes.publishing import Published, PublishedVersion, publish
from modelhub.remotes.pulling import ORIGIN, Cloned, Pulled, clone, pull
from modelhub.remotes.remote import Remote, read_parcel, read_track
from modelhub.remotes.viewing import View, packs_with_more, view

__all__ = [
    "ORIGIN",
    "REMOTES",
    "Cloned",
    "Fetched",
    "FetchedVersion",
    "FolderRemote",
    "HubClient",
    "HubRemote",
    "OpenRemote",
    "Parcel",
    "Published",
    "PublishedVersion",
    "Pulled",
    "Remote",
    "RemoteModel",
    "Track",
    "TrackEntry",
    "View",
    "add_remote",
    "address_of",
    "check_address",
    "chosen",
    "clone",
    "everything",
    "fetch",
    "hub_of",
    "keep_token",
    "known_hubs",
    "models_of",
    "object_id",
    "open_remote",
    "packs_with_more",
    "parse_track",
    "publish",
    "pull",
    "read_parcel",
    "read_track",
    "remotes_of",
    "remove_remote",
    "token_of",
    "view",
]
