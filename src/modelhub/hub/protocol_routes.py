"""Routes of the protocol: refs and objects (docs/spec/sync.md §9)."""

from typing import Annotated

from anyio import CapacityLimiter, fail_after, to_thread
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from modelhub.errors import InputError, NotFoundError
from modelhub.hub.accounts import Caller
from modelhub.hub.answers import FAILURES, PREFIX, Callers, Closed, body
from modelhub.hub.library import Library
from modelhub.pas import MAX_PACK
from modelhub.values import PackId

PROTOCOL = 1
MOST_IDS = 100_000  # of one request for what is missing
PUTS = 4  # objects that are taken at a time: each is held in memory
PUT_S = 300  # that one may take to arrive
_ID_BYTES = 32
_ID = r"^[0-9a-f]{64}$"


class Protocol(BaseModel):
    """Which versions of the protocol a hub speaks, and what it takes at most."""

    versions: list[int]
    limits: dict[str, int]


class Ref(BaseModel):
    """Where a ref leads."""

    track: str


class Model(BaseModel):
    """A model, and whether everybody may read it."""

    name: str
    public: bool


class Swap(Closed):
    """A ref that is to lead elsewhere."""

    old: str | None = Field(pattern=_ID)
    new: str = Field(pattern=_ID)


class Visibility(Closed):
    """Who may read a model."""

    public: bool


def ref_routes(library: Library, callers: Callers) -> APIRouter:
    """`/protocol`, and models and refs of namespaces."""
    api = APIRouter(prefix=PREFIX, responses=FAILURES)
    Asking = Annotated[Caller | None, Depends(callers)]  # noqa: N806 - it is a type

    @api.get("/protocol")
    def protocol() -> Protocol:
        """Which protocol is spoken here."""
        return Protocol(versions=[PROTOCOL], limits={"object": MAX_PACK, "ids": MOST_IDS})

    @api.get("/{namespace}/models")
    def models(namespace: str, asking: Asking) -> list[Model]:
        """The models of a namespace that the caller may read."""
        found = library.models(asking, namespace)
        return [Model(name=name, public=is_public) for name, is_public in found.items()]

    @api.patch("/{namespace}/models/{name:path}", status_code=204)
    def change(namespace: str, name: str, wanted: Visibility, asking: Asking) -> None:
        """Say who may read a model."""
        library.set_public(asking, namespace, name, is_public=wanted.public)

    @api.get("/{namespace}/refs/{name:path}")
    def ref(namespace: str, name: str, asking: Asking) -> Ref:
        """The track of a model."""
        track = library.ref(asking, namespace, name)
        if track is None:
            raise NotFoundError(f"there is no model {namespace}/{name}")
        return Ref(track=track)

    @api.put("/{namespace}/refs/{name:path}", status_code=204)
    def swap(namespace: str, name: str, wanted: Swap, asking: Asking) -> None:
        """Move a ref from one track to another: 412 if it is elsewhere, 409 if something lacks."""
        old = None if wanted.old is None else PackId(wanted.old)
        library.swap(asking, namespace, name, old, PackId(wanted.new))

    return api


def object_routes(library: Library, callers: Callers) -> APIRouter:
    """Objects of namespaces."""
    api = APIRouter(prefix=PREFIX, responses=FAILURES)
    limiter = CapacityLimiter(PUTS)
    Asking = Annotated[Caller | None, Depends(callers)]  # noqa: N806 - it is a type

    @api.post("/{namespace}/missing", response_class=Response)
    async def missing(namespace: str, request: Request, asking: Asking) -> Response:
        """The ids, 32 bytes each, of those objects that the namespace lacks."""
        data = await body(request, MOST_IDS * _ID_BYTES)
        if len(data) % _ID_BYTES:
            raise InputError("the body is no row of ids of 32 bytes")
        ids = [PackId(data[i : i + _ID_BYTES].hex()) for i in range(0, len(data), _ID_BYTES)]
        lacking = await to_thread.run_sync(library.missing, asking, namespace, ids)
        raw = b"".join(bytes.fromhex(id_) for id_ in ids if id_ in lacking)
        return Response(raw, media_type="application/octet-stream")

    @api.put("/{namespace}/objects/{id_}", status_code=204)
    async def put(namespace: str, id_: str, request: Request, asking: Asking) -> None:
        """Store an object, whose bytes must be those that its id says."""
        await to_thread.run_sync(library.missing, asking, namespace, [])  # may they?
        async with limiter:  # nobody holds one of these few places for ever
            try:
                with fail_after(PUT_S):
                    data = await body(request, MAX_PACK)
            except TimeoutError:
                raise InputError(f"the object did not arrive within {PUT_S} s") from None
            await to_thread.run_sync(library.put, asking, namespace, PackId(id_), data)

    @api.head("/{namespace}/objects/{id_}", include_in_schema=False)
    @api.get("/{namespace}/objects/{id_}", response_class=FileResponse)
    def read(namespace: str, id_: str, asking: Asking) -> FileResponse:
        """An object, or a range of it."""
        path = library.file_of(asking, namespace, PackId(id_))
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    return api
