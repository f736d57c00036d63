"""Requests to a hub: sent again where that helps, and told in one line where nothing does."""

import json
import time
import weakref
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from modelhub._version import __version__
from modelhub.errors import (
    AccessError,
    ConflictError,
    InputError,
    IntegrityError,
    ModelHubError,
    NewerFormatError,
    NotFoundError,
    StorageError,
)
from modelhub.remotes.addresses import hub_of
from modelhub.remotes.credentials import token_of

PROTOCOL = 1
TRIES = 6
FIRST_WAIT_S = 0.2  # doubled before each further try: 6 s in all
TIMEOUT = httpx2.Timeout(120, connect=10)
MAX_ANSWER = 32 << 20  # bytes of an answer that is no object
MAX_TOLD = 500  # characters of what a hub says
_BUSY = {429, 500, 502, 503, 504}
_KINDS = {kind.code: kind for kind in (AccessError, ConflictError, InputError, IntegrityError)} | {
    NotFoundError.code: NotFoundError,
    StorageError.code: StorageError,
}
_BY_STATUS: Mapping[int, type[ModelHubError]] = {
    400: InputError,
    401: AccessError,
    403: AccessError,
    404: NotFoundError,
    409: IntegrityError,
    412: ConflictError,
    416: IntegrityError,
    422: InputError,
}


class HubClient:
    """A hub, as one user sees it.

    Every request may be sent twice: whoever needs to know looks again afterwards. Redirects are
    not followed, so that a token goes to the hub that it is for, and nowhere else.

    Args:
        address: a URL of the hub, or of anything on it.
        token: what proves who asks; None for the one of `dlv auth login`, or of `DLV_TOKEN`.
    """

    def __init__(self, address: str, *, token: str | None = None) -> None:
        self.url = hub_of(address)
        known = token or token_of(self.url)
        headers = {"User-Agent": f"dlv/{__version__}", "Accept-Encoding": "identity"}
        if known is not None:
            headers["Authorization"] = f"Bearer {known}"
        try:
            self._client = httpx2.Client(headers=headers, timeout=TIMEOUT, base_url=self.url)
        except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
            raise InputError(f"{self.url} cannot be asked: {error}") from None
        self._end = weakref.finalize(self, self._client.close)  # whoever forgets to close it

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._end()

    def check_protocol(self) -> None:
        """See whether it is a hub, and of a version that this software knows.

        Raises:
            StorageError: it is none, or does not answer.
            NewerFormatError: it does not speak the version that we do.
        """
        try:
            spoken = [int(each) for each in self.ask_json("GET", "/protocol")["versions"]]
            newest = max(spoken)
        except (NotFoundError, KeyError, TypeError, ValueError):
            raise StorageError(
                f"{self.url} is no hub of dlv; check the address (dlv serve prints it)"
            ) from None
        if PROTOCOL not in spoken:
            older = "this dlv" if newest > PROTOCOL else "the hub"
            raise NewerFormatError(
                f"{self.url} speaks versions {spoken} of the protocol, this dlv {PROTOCOL}; "
                f"upgrade {older}"
            )

    def ask_json(self, method: str, path: str, **options: Any) -> Any:
        """What a request yields, whose answer is JSON or nothing; arguments as of `ask`."""
        data = self.ask(method, path, **options)
        try:
            return json.loads(data) if data else None
        except ValueError:
            raise self._no_answer("no JSON") from None

    def ask(
        self,
        method: str,
        path: str,
        *,
        most: int = MAX_ANSWER,
        status: int | None = None,
        **options: Any,
    ) -> bytes:
        """What a request yields.

        Args:
            method: of HTTP.
            path: below `/api/v1`.
            most: bytes that the answer may have.
            status: that the answer must have; None for any that means success.
            options: as httpx2 takes them: `json`, `content`, `params`, `headers`.

        Raises:
            AccessError, ConflictError, InputError, IntegrityError, NotFoundError: as it says.
            StorageError: it does not answer, or not as a hub does.
        """
        answer, data = self._sent(method, path, most, options)
        if answer.is_success:
            if status not in {None, answer.status_code} or _is_page(answer):
                raise self._no_answer("a page" if _is_page(answer) else f"{answer.status_code}")
            return data
        raise self._failure(answer, data)

    def headers(self, path: str) -> Mapping[str, str]:
        """What is said of an object, without it."""
        answer, data = self._sent("HEAD", path, MAX_ANSWER, {})
        if answer.is_success:
            return answer.headers
        raise self._failure(answer, data)

    def _sent(
        self, method: str, path: str, most: int, options: Mapping[str, Any]
    ) -> tuple[httpx2.Response, bytes]:
        """Ask, until there is an answer or no hope."""
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                answer, data = self._once(method, path, most, options)
            except (httpx2.TimeoutException, httpx2.NetworkError, httpx2.ProtocolError) as error:
                if last or "certificate" in str(error).lower():
                    raise self._unreachable(error) from None
            except httpx2.HTTPError as error:
                raise self._unreachable(error) from None
            else:
                if answer.status_code not in _BUSY or last:
                    return answer, data
            time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
        raise AssertionError

    def _once(
        self, method: str, path: str, most: int, options: Mapping[str, Any]
    ) -> tuple[httpx2.Response, bytes]:
        with self._client.stream(method, f"/api/v1{path}", **options) as answer:
            data = bytearray()
            most = most if answer.is_success else MAX_ANSWER
            for part in answer.iter_raw(1 << 20):
                data += part
                if len(data) > most:
                    raise self._no_answer(f"more than {most} bytes")
            return answer, bytes(data)

    def _failure(self, answer: httpx2.Response, data: bytes) -> ModelHubError:
        """What an answer that is no success means."""
        if answer.is_redirect:
            target = str(answer.headers.get("location", ""))
            return StorageError(f"{self.url} says: go to {_line(target)}; use that address")
        try:
            said = json.loads(data)["error"]
            kind, message = _KINDS[said["code"]], _line(said["message"])
        except (ValueError, KeyError, TypeError):
            status = answer.status_code
            kind = _BY_STATUS.get(status, StorageError) if not _is_page(answer) else StorageError
            message = f"it answers {status} {answer.reason_phrase}".rstrip()
        return kind(f"{self.url}: {message}")

    def _unreachable(self, error: Exception) -> StorageError:
        reason = _line(str(error)) or type(error).__name__
        return StorageError(
            f"{self.url} cannot be reached: {reason}; check the address and the network, and run "
            "the command again"
        )

    def _no_answer(self, what: str) -> StorageError:
        return StorageError(
            f"{self.url} answers with {what}, as no hub does; check the address, and whether "
            "something stands between"
        )


def _is_page(answer: httpx2.Response) -> bool:
    return str(answer.headers.get("content-type", "")).startswith("text/html")


def _line(text: Any) -> str:
    """What somebody else said, fit for one line of ours."""
    printable = "".join(c if c.isprintable() else " " for c in str(text)[:MAX_TOLD])
    return " ".join(printable.split())


def namespace_of(address: str) -> str:
    """The namespace of an address `https://host/NAMESPACE`."""
    return urlsplit(address).path.strip("/")
