"""A hub: remotes for many people behind one address (docs/spec/sync.md §9)."""

from modelhub.hub.accounts import Accounts, Caller
from modelhub.hub.api import application
from modelhub.hub.database import Database
from modelhub.hub.hosting import Started, serve
from modelhub.hub.library import HubVersion, Library

__all__ = [
    "Accounts",
    "Caller",
    "Database",
    "HubVersion",
    "Library",
    "Started",
    "application",
    "serve",
]
