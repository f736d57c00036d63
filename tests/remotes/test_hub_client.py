"""Tests of `modelhub.remotes.hub_client`, against servers that are no hubs, or bad ones."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from modelhub.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    NewerFormatError,
    NotFoundError,
    StorageError,
)
from modelhub.remotes import HubRemote, hub_client, keep_token, open_remote
from modelhub.remotes.hub_client import HubClient

ID = "a" * 64
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(hub_client, "FIRST_WAIT_S", 0.001)


@pytest.fixture
def server():
    """Start a server that answers each request by a function of its number; its URL."""
    running = []

    def start(answer: Callable[[int], Answer]) -> tuple[str, list[dict[str, str]]]:
        seen: list[dict[str, str]] = []

        class Handler(BaseHTTPRequestHandler):
            def do(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
                status, headers, body = answer(len(seen))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def __getattr__(self, name: str) -> object:
                if name.startswith("do_"):
                    return self.do
                raise AttributeError(name)

            def log_message(self, *_: object) -> None:
                """Nothing is printed."""

        found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=found.serve_forever, args=(0.01,))
        thread.start()
        running.append((found, thread))
        return f"http://127.0.0.1:{found.server_port}", seen

    yield start
    for each, thread in running:
        each.shutdown()
        thread.join()
        each.server_close()


def said(value: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_hub_that_is_busy_is_asked_again(server, status):
    """Until it answers."""
    url, seen = server(lambda n: said({"ok": n}) if n > 3 else (status, {}, b""))

    with HubClient(url) as client:
        assert client.ask_json("GET", "/x") == {"ok": 4}
    assert len(seen) == 4


def test_a_hub_that_stays_busy_is_told(server):
    """After a few tries, with what it says."""
    url, seen = server(lambda _: (503, {}, b"no"))

    with HubClient(url) as client, pytest.raises(StorageError, match="it answers 503"):
        client.ask_json("GET", "/x")
    assert len(seen) == hub_client.TRIES


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (AccessError, 403),
        (ConflictError, 412),
        (InputError, 400),
        (IntegrityError, 409),
        (NotFoundError, 404),
    ],
)
def test_a_failure_is_the_one_that_the_hub_had(server, kind, status):
    """In one printable line, whatever it sends."""
    error = {"code": kind.code, "message": "first\nsecond \x1b[31mred\x1b[0m"}
    url, _ = server(lambda _: said({"error": error}, status))

    with HubClient(url) as client, pytest.raises(kind) as told:
        client.ask("GET", "/x")
    assert str(told.value) == f"{url}: first second [31mred [0m"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"error": 5}', b'{"error": {"code": "x"}}', b"\xff"]
)
def test_a_failure_without_words_has_its_status(server, body):
    """A proxy that knows nothing of us."""
    url, _ = server(lambda _: (404, {}, body))

    with HubClient(url) as client, pytest.raises(NotFoundError, match="it answers 404"):
        client.ask("GET", "/x")


@pytest.mark.parametrize("status", [200, 404, 502])
def test_a_page_is_no_answer(server, status):
    """A proxy's, or another site's."""
    page = (status, {"Content-Type": "text/html; charset=utf-8"}, b"<h1>Log in to the Wi-Fi</h1>")
    url, _ = server(lambda _: page)

    with HubClient(url) as client, pytest.raises(StorageError):
        client.ask_json("GET", "/x")
    with pytest.raises(StorageError):
        open_remote(f"{url}/alice")


@pytest.mark.parametrize("value", [{}, [], {"versions": []}, {"versions": "x"}, {"versions": 5}])
def test_what_is_no_hub_is_told(server, value):
    """Whatever JSON it sends."""
    url, _ = server(lambda _: said(value))

    with pytest.raises(StorageError, match="is no hub"):
        open_remote(f"{url}/alice")


@pytest.mark.parametrize(("versions", "who"), [([2, 3], "this dlv"), ([0], "the hub")])
def test_another_protocol_is_refused(server, versions, who):
    """And who is to be upgraded."""
    url, _ = server(lambda _: said({"versions": versions}))

    with pytest.raises(NewerFormatError, match=f"upgrade {who}"):
        open_remote(f"{url}/alice")


def test_a_token_goes_nowhere_else(server):
    """Redirects are told, not followed."""
    other, seen = server(lambda _: said({}))
    url, _ = server(lambda _: (302, {"Location": f"{other}/x"}, b""))
    keep_token(url, "secret")

    with HubClient(url) as client, pytest.raises(StorageError, match="use that address"):
        client.ask("GET", "/x")
    assert seen == []


def test_a_token_is_shown_to_its_hub(server):
    url, seen = server(lambda _: said({}))
    keep_token(url, "secret")

    with HubClient(url) as client:
        client.ask("GET", "/x")
    assert seen[0]["authorization"] == "Bearer secret"


def test_a_hub_that_sends_too_much_is_not_listened_to(server):
    """Nothing is allocated by its word."""
    url, _ = server(lambda _: (206, {}, b"x" * 100_000))

    with pytest.raises(StorageError, match="more than 10 bytes"):
        HubRemote(f"{url}/alice").read(ID, 0, 10)


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Content-Type": "text/plain"}])
def test_bytes_are_taken_as_they_come(server, headers):
    """Nothing is unpacked: a small answer stays small."""
    url, _ = server(lambda _: (206, headers, b"\x1f\x8b" + b"x" * 8))

    assert HubRemote(f"{url}/alice").read(ID, 0, 10) == b"\x1f\x8b" + b"x" * 8


@pytest.mark.parametrize("status", [200, 206])
def test_a_range_is_a_range(server, status):
    """A whole object, or less than was asked for, is none."""
    url, _ = server(lambda _: (status, {}, b"12345"))

    with pytest.raises((StorageError, IntegrityError)):
        HubRemote(f"{url}/alice").read(ID, 0, 10)


@pytest.mark.parametrize(
    "value", [[], 5, None, {"track": 5}, {"track": "../x"}, {"track": "A" * 64}]
)
def test_a_ref_of_another_shape_is_told(server, value):
    """It would become a place."""
    url, _ = server(lambda _: said(value))

    with pytest.raises(IntegrityError, match="as no hub"):
        HubRemote(f"{url}/alice").ref("lenet")


def test_models_with_names_that_are_none_are_passed_over(server):
    """Nothing that a hub says becomes a path."""
    names = ["lenet", "../x", "", "a\x00b", "a/../b"]
    url, _ = server(lambda _: said([{"name": each, "public": True} for each in names]))

    assert HubRemote(f"{url}/alice").models() == ["lenet"]


def test_ids_that_were_not_asked_for_are_passed_over(server):
    """A hub says what is missing of these, and nothing else."""
    url, _ = server(lambda _: (200, {}, bytes.fromhex("b" * 64)))

    assert HubRemote(f"{url}/alice").missing([ID]) == set()


def test_a_swap_whose_answer_was_lost_is_done(server):
    """The ref is looked at again."""

    def answer(number: int) -> Answer:
        if number == 1:
            return 503, {}, b""
        if number == 2:
            return said({"error": {"code": "conflict", "message": "moved"}}, 412)
        return said({"track": ID})

    url, _ = server(answer)
    HubRemote(f"{url}/alice").swap("lenet", None, ID)


def test_nobody_listens():
    """One line, with the way out."""
    with HubClient("http://127.0.0.1:9") as client, pytest.raises(StorageError, match="reached"):
        client.ask("GET", "/x")


def test_a_certificate_that_is_none(server):
    """TLS where there is none is told at once."""
    url, _ = server(lambda _: said({}))

    with (
        HubClient(url.replace("http:", "https:")) as client,
        pytest.raises(StorageError, match="cannot be reached"),
    ):
        client.ask("GET", "/x")
