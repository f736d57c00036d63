"""Tests of `modelhub.hub.answers`."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from modelhub.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    LockedError,
    NotFoundError,
    StorageError,
)
from modelhub.hub.answers import add_failures


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError, 400),
        (AccessError, 401),
        (NotFoundError, 404),
        (IntegrityError, 409),
        (ConflictError, 412),
        (LockedError, 412),
        (StorageError, 500),
    ],
)
def test_each_kind_of_error_has_a_status(error, status):
    """And its code and line in the body."""
    app = FastAPI()
    add_failures(app)

    @app.get("/")
    def fail():
        raise error("a line")

    answer = TestClient(app).get("/")
    assert answer.status_code == status
    assert answer.json() == {"error": {"code": error.code, "message": "a line"}}
    refused = TestClient(app).get("/", headers={"Authorization": "Bearer x"})
    assert refused.status_code == (403 if status == 401 else status)


def test_a_fault_of_ours_tells_nothing():
    """500, without a word of the cause."""
    app = FastAPI()
    add_failures(app)

    @app.get("/")
    def fail():
        raise ZeroDivisionError("secret")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    assert "secret" not in answer.text
