"""Tests of `modelhub.hub.protocol_routes`, over HTTP (docs/spec/sync.md §9)."""

import hashlib

import anyio
import httpx2
import pytest
from anyio.from_thread import start_blocking_portal

from modelhub.hub import application, protocol_routes
from modelhub.pas import MAX_PACK

ABSENT = "a" * 64


def stored(hub, name, token, data):
    """Put an object; its path."""
    path = f"/{name}/objects/{hashlib.sha256(data).hexdigest()}"
    assert hub.ask("PUT", path, token, content=data).status_code == 204
    return path


def test_the_protocol_is_told_to_everybody(hub):
    """With what is taken at most."""
    found = hub.ask("GET", "/protocol").json()

    assert found == {"versions": [1], "limits": {"object": MAX_PACK, "ids": 100_000}}


def test_objects_are_read_by_ranges(hub, name):
    """Whole, in part, and their size."""
    token = hub.account(name)
    path = stored(hub, name, token, b"some bytes")

    assert hub.ask("GET", path, token).content == b"some bytes"
    part = hub.ask("GET", path, token, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, b"bytes")
    assert hub.ask("GET", path, token, headers={"Range": "bytes=50-59"}).status_code == 416
    assert hub.ask("HEAD", path, token).headers["content-length"] == "10"


def test_objects_are_what_their_ids_say(hub, name):
    """Other bytes are refused, and nothing is stored."""
    token = hub.account(name)

    answer = hub.ask("PUT", f"/{name}/objects/{ABSENT}", token, content=b"x")
    assert answer.status_code == 400
    assert "not those of object" in answer.json()["error"]["message"]
    assert hub.ask("PUT", f"/{name}/objects/../x", token, content=b"x").status_code in {404, 405}
    assert hub.ask("PUT", f"/{name}/objects/xyz", token, content=b"x").status_code == 400
    lacking = hub.ask("POST", f"/{name}/missing", token, content=bytes.fromhex(ABSENT))
    assert lacking.content.hex() == ABSENT


def test_what_is_missing_is_asked_in_rows(hub, name):
    """Of 32 bytes each."""
    token = hub.account(name)
    path = stored(hub, name, token, b"there")
    ids = bytes.fromhex(path.rpartition("/")[2]) + bytes.fromhex(ABSENT)

    assert hub.ask("POST", f"/{name}/missing", token, content=ids).content.hex() == ABSENT
    assert hub.ask("POST", f"/{name}/missing", token, content=b"").content == b""
    assert hub.ask("POST", f"/{name}/missing", token, content=b"x" * 33).status_code == 400


def test_a_body_that_is_too_long_is_not_read_to_its_end(hub, name):
    """Whatever its head says of it."""
    token = hub.account(name)
    many = bytes(100_001 * 32)

    def parts():
        yield from (many[:1_000_000], many[1_000_000:])

    for content in (many, parts()):
        answer = hub.ask("POST", f"/{name}/missing", token, content=content)
        assert answer.status_code == 400
        assert "more than 3200000 bytes" in answer.json()["error"]["message"]


def test_an_object_that_does_not_arrive_is_given_up(library, accounts, monkeypatch):
    """Else a few of them would keep everybody out."""
    monkeypatch.setattr(protocol_routes, "PUT_S", 0.05)
    token = accounts.create("carol")

    async def slow():
        yield b"some"
        await anyio.sleep(30)
        yield b"bytes"

    async def put():
        transport = httpx2.ASGITransport(application(library, accounts))
        async with httpx2.AsyncClient(transport=transport, base_url="http://hub") as client:
            return await client.put(
                f"/api/v1/carol/objects/{ABSENT}",
                content=slow(),
                headers={"Authorization": f"Bearer {token}"},
            )

    with start_blocking_portal() as portal:  # a loop of its own: browsers' tests have one, too
        answer = portal.call(put)
    assert answer.status_code == 400
    assert "did not arrive" in answer.json()["error"]["message"]


def test_what_one_may_not_read_is_absent(hub, name):
    """The same answer as for what is not there."""
    token, other = hub.account(name), hub.account(f"{name}-other")
    path = stored(hub, name, token, b"some bytes")

    for asking in (other, None):
        private = hub.ask("GET", path, asking)
        absent = hub.ask("GET", f"/{name}/objects/{ABSENT}", asking)
        assert private.status_code == absent.status_code == 404
        known = private.json()["error"]["message"].replace(path.rpartition("/")[2][:12], "")
        assert known == absent.json()["error"]["message"].replace(ABSENT[:12], "")


# Who may do what in somebody else's namespace: nobody but an admin writes there.
ROUTES = [
    ("POST", "/{}/missing", {"content": b""}),
    ("PUT", "/{}/objects/" + hashlib.sha256(b"x").hexdigest(), {"content": b"x"}),
    ("PUT", "/{}/refs/lenet", {"json": {"old": None, "new": ABSENT}}),
    ("PATCH", "/{}/models/lenet", {"json": {"public": True}}),
]


@pytest.mark.parametrize(("method", "path", "options"), ROUTES)
def test_writing_is_the_owners(hub, name, method, path, options):
    """With a token that may."""
    token, other = hub.account(name), hub.account(f"{name}-other")
    reader = hub.ask("POST", "/tokens", token, json={"label": "reader"}).json()["token"]
    path = path.format(name)

    assert hub.ask(method, path, None, **options).status_code == 401
    assert hub.ask(method, path, other, **options).status_code == 403
    assert hub.ask(method, path, reader, **options).status_code == 403
    assert hub.ask(method, path, token, **options).status_code in {200, 204, 404, 409}
    assert hub.ask(method, path, hub.token, **options).status_code in {200, 204, 404, 409}


def test_refs_lead_to_what_is_there(hub, name):
    """409 if it is not; and names keep their rule."""
    token = hub.account(name)

    answer = hub.ask("PUT", f"/{name}/refs/lenet", token, json={"old": None, "new": ABSENT})
    assert answer.status_code == 409
    assert hub.ask("GET", f"/{name}/refs/lenet", token).status_code == 404
    for wrong in ({"old": None, "new": "x"}, {"new": ABSENT}, {"old": "../x", "new": ABSENT}):
        assert hub.ask("PUT", f"/{name}/refs/lenet", token, json=wrong).status_code == 422
    for bad in ("..%2Fx", "a%20b", "%00"):
        assert hub.ask("GET", f"/{name}/refs/{bad}", token).status_code in {400, 404}
