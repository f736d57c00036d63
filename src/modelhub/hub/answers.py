"""What all routes share: who asks, what may be sent, and how a failure is told."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from modelhub.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    ModelHubError,
    NotFoundError,
)
from modelhub.hub.accounts import Accounts, Caller

PREFIX = "/api/v1"
_REFUSED, _UNKNOWN, _ABSENT = 403, 401, 404
_STATUS = (
    (AccessError, _REFUSED),
    (NotFoundError, 404),
    (ConflictError, 412),
    (IntegrityError, 409),
    (InputError, 400),
)


class Closed(BaseModel):
    """A body that says nothing else."""

    model_config = ConfigDict(extra="forbid")


class Failure(BaseModel):
    """What went wrong: a stable code, and a line for people."""

    error: dict[str, str]


FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure} for status in (400, 401, 403, 404, 409, 412, 422)
}


class Callers:
    """Finds who asks: a dependency of routes."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def __call__(self, request: Request) -> Caller | None:
        """Who asks; None for whoever brings no token.

        Raises:
            AccessError: the token is of no use.
        """
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            return None
        return self._accounts.caller(text.strip())


def known(asking: Caller | None) -> Caller:
    """Who asks, if we know them.

    Raises:
        AccessError: we do not.
    """
    if asking is None:
        raise AccessError("log in first: dlv auth login")
    return asking


async def body(request: Request, most: int) -> bytearray:
    """What was sent, if it is not too much.

    Raises:
        InputError: it is.
    """
    data = bytearray()
    too_much = InputError(f"the body has more than {most} bytes")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise too_much
    async for part in request.stream():
        data += part
        if len(data) > most:
            raise too_much
    return data


def add_failures(app: FastAPI) -> None:
    """Let every error become an answer: those that are raised on purpose, and our faults."""

    @app.exception_handler(ModelHubError)
    def failed(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ModelHubError)
        status = next((s for kind, s in _STATUS if isinstance(error, kind)), 500)
        if status == _REFUSED and "authorization" not in request.headers:
            status = _UNKNOWN
        headers = {"WWW-Authenticate": "Bearer"} if status == _UNKNOWN else None
        return JSONResponse(_told(error.code, str(error)), status_code=status, headers=headers)

    @app.exception_handler(RequestValidationError)
    def misunderstood(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return JSONResponse(_told(InputError.code, f"{where}: {first['msg']}"), status_code=422)

    @app.exception_handler(HTTPException)
    def nowhere(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
        assert isinstance(error, HTTPException)
        code = NotFoundError.code if error.status_code == _ABSENT else InputError.code
        return JSONResponse(
            _told(code, str(error.detail)), status_code=error.status_code, headers=error.headers
        )

    @app.exception_handler(Exception)
    def broken(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001
        return JSONResponse(_told("internal", "the hub failed; its log says why"), status_code=500)


def _told(code: str, message: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message}}
