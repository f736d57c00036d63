"""Search: versions by the words of their descriptions."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import ColumnElement

from modelhub.hub.accounts import Caller
from modelhub.hub.answers import FAILURES, PREFIX, Callers
from modelhub.hub.library import HubVersion, Library
from modelhub.hub.schema import model as models
from modelhub.hub.schema import version as versions

MOST_FOUND = 100  # versions of one search


def search_routes(library: Library, callers: Callers) -> APIRouter:
    """`/search`."""
    api = APIRouter(prefix=PREFIX, responses=FAILURES)
    Asking = Annotated[Caller | None, Depends(callers)]  # noqa: N806 - it is a type

    @api.get("/search")
    def search(asking: Asking, q: str = "", namespace: str = "") -> list[dict[str, Any]]:
        """Versions in whose description all words stand, the newest first."""
        return [shown(each) for each in found(library, asking, q, namespace)]

    return api


def found(library: Library, asking: Caller | None, q: str, namespace: str) -> list[HubVersion]:
    """What a search finds: versions whose descriptions have all its words."""
    conditions: list[ColumnElement[bool]] = [
        versions.c.words.contains(word, autoescape=True) for word in q.casefold().split()
    ]
    if namespace:
        conditions.append(models.c.namespace == namespace)
    return library.versions(asking, *conditions, most=MOST_FOUND)


def shown(each: HubVersion) -> dict[str, Any]:
    """A version for programs; numbers that JSON does not have are texts."""
    names = ("namespace", "model", "number", "id", "created", "author", "message", "parameters")
    return {name: getattr(each, name) for name in names} | {
        "public": each.is_public,
        "tags": list(each.tags),
        "bytes": each.size,
        "files": each.files,
        "metrics": {
            name: value if math.isfinite(value) else str(value)
            for name, value in each.metrics.items()
        },
        "settings": dict(each.settings),
        "templates": dict(each.templates),
    }
