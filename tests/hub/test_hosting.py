"""Tests of `modelhub.hub.hosting`."""

import socket
import threading

import pytest
from hub_server import hub_server

from modelhub.errors import ConflictError, InputError, IntegrityError
from modelhub.hub import serve


def started(*_):
    raise AssertionError("it must not start")


def test_what_was_published_is_there_after_a_restart(tmp_path):
    """The admin's token, too, which is printed once."""
    with hub_server(tmp_path / "data") as first:
        token = first.token
        assert first.ask("GET", "/whoami", token).json()["name"] == "admin"
        first.account("alice")
    with hub_server(tmp_path / "data") as second:
        assert second.token == ""
        assert second.ask("GET", "/whoami", token).json()["admin"]
        answer = second.ask("POST", "/accounts", token, json={"name": "alice"})
        assert answer.status_code == 412


def test_it_stops_when_it_is_told_to(tmp_path):
    """With exit status 0; after kill -9 the folder opens again."""
    with hub_server(tmp_path / "data") as running:
        token = running.token
    assert running.process.returncode == 0
    with hub_server(tmp_path / "data") as running:
        running.process.kill()
    with hub_server(tmp_path / "data") as running:
        assert running.ask("GET", "/whoami", token).status_code == 200


def test_a_port_in_use_is_told(tmp_path):
    """With the way out."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConflictError, match="--port"):
            serve(tmp_path, host="127.0.0.1", port=port, admin="admin", ready=started)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_an_address_that_is_not_ours_is_told(tmp_path, host):
    """Whether it has a name or not."""
    with pytest.raises(InputError, match="listen at"):
        serve(tmp_path, host=host, port=0, admin="admin", ready=started)


def test_an_admin_has_a_name_like_all(tmp_path):
    with pytest.raises(InputError, match="cannot be an account"):
        serve(tmp_path / "data", host="127.0.0.1", port=0, admin="a/b", ready=started)
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    """Its database is something else."""
    (tmp_path / "hub.db").write_text("no database, but long enough to be read as one" * 50)
    with pytest.raises(IntegrityError):
        serve(tmp_path, host="127.0.0.1", port=0, admin="admin", ready=started)


def test_requests_at_once_are_all_answered(hub, name):
    """Also those that write."""
    token = hub.account(name)
    answers = []

    def ask(number):
        body = {"label": f"token {number}"}
        answers.append(hub.ask("POST", "/tokens", token, json=body).status_code)

    threads = [threading.Thread(target=ask, args=(each,)) for each in range(12)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [201] * 12
    assert len(hub.ask("GET", "/tokens", token).json()) == 13
