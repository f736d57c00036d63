"""A namespace of a hub as a remote (docs/spec/sync.md §9)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import quote

from modelhub.dlv.revisions import check_name
from modelhub.durable import Buffer
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.pas import check_pack_id
from modelhub.remotes.documents import object_id
from modelhub.remotes.hub_client import HubClient, namespace_of
from modelhub.remotes.remote import Remote
from modelhub.values import PackId

MOST_IDS = 100_000  # asked for at a time
_ID_BYTES = 32


class HubRemote:
    """`modelhub.remotes.Remote` over HTTP.

    Args:
        address: `https://host/NAMESPACE`.

    Attributes:
        is_public: who may read what is published from now on: everybody, or its owner. None
            leaves models as they are, and new ones to their owner.
    """

    def __init__(self, address: str) -> None:
        self.url = address
        self.is_public: bool | None = None
        self._client = HubClient(address)
        self._at = f"/{quote(namespace_of(address), safe='')}"

    def models(self) -> Sequence[str]:
        """The names of its refs that we may read."""
        return sorted(self._models())

    def sharing(self, name: str) -> Sequence[str]:
        """Of a model that everybody reads, those that everybody reads, and itself."""
        known = self._models()
        is_public = known.get(name, False) if self.is_public is None else self.is_public
        return sorted(each for each in known if known[each] or not is_public or each == name)

    def ref(self, name: str) -> PackId | None:
        """The id of a ref's track."""
        try:
            found = self._client.ask_json("GET", self._ref(name))
        except NotFoundError:
            return None
        with _understood(self.url):
            return _checked(found["track"])

    def missing(self, ids: Sequence[PackId]) -> set[PackId]:
        """Which objects it lacks."""
        lacking = set()
        for start in range(0, len(ids), MOST_IDS):
            asked = ids[start : start + MOST_IDS]
            raw = self._client.ask(
                "POST",
                f"{self._at}/missing",
                content=b"".join(bytes.fromhex(each) for each in asked),
                most=len(asked) * _ID_BYTES,
            )
            found = (raw[i : i + _ID_BYTES].hex() for i in range(0, len(raw), _ID_BYTES))
            lacking |= set(asked) & {PackId(each) for each in found}
        return lacking

    def put(self, data: Buffer, id: PackId | None = None) -> PackId:  # noqa: A002 - it is one
        """Store an object; the hub compares it with its name."""
        id_ = object_id(data) if id is None else id
        self._client.ask("PUT", self._object(id_), content=bytes(data))
        return id_

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object."""
        if size == 0:
            return b""
        found = self._client.ask(
            "GET",
            self._object(pack),
            headers={"Range": f"bytes={offset}-{offset + size - 1}"},
            most=size,
            status=206,
        )
        if len(found) != size:
            raise IntegrityError(f"{self.url}: object {pack[:12]} ends before byte {offset + size}")
        return found

    def size(self, pack: PackId) -> int:
        """Bytes of an object."""
        headers = self._client.headers(self._object(pack))
        with _understood(self.url):
            return int(headers["content-length"])

    def swap(self, name: str, old: PackId | None, new: PackId) -> None:
        """Replace a ref, if the hub finds nothing missing."""
        try:
            self._client.ask("PUT", self._ref(name), json={"old": old, "new": new})
        except ConflictError:
            if self.ref(name) == new:  # it was we, and the first answer was lost
                return
            raise ConflictError(
                f"{name} on {self.url} was published by another process meanwhile; "
                "run the command again, nothing is sent twice"
            ) from None

    def set_public(self, name: str, *, is_public: bool) -> None:
        """Let everybody read a model, or its owner alone.

        Raises:
            NotFoundError: there is no such model.
            IntegrityError: what it shares with others that its owner alone reads would be open.
        """
        path = f"{self._at}/models/{quote(check_name(name))}"
        self._client.ask("PATCH", path, json={"public": is_public})

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _models(self) -> dict[str, bool]:
        """The names of models, and whether everybody reads them; those that cannot be are out."""
        known = {}
        found = self._client.ask_json("GET", f"{self._at}/models")
        with _understood(self.url):
            for each in found:
                with suppress(InputError):
                    known[check_name(each["name"])] = bool(each["public"])
        return known

    def _ref(self, name: str) -> str:
        return f"{self._at}/refs/{quote(check_name(name))}"

    def _object(self, id_: PackId) -> str:
        check_pack_id(id_)
        return f"{self._at}/objects/{id_}"


def open_hub(address: str, *, create: bool) -> Remote:  # noqa: ARG001 - the hub makes namespaces
    """The namespace of a hub (`modelhub.remotes.kinds.OpenRemote`).

    Raises:
        StorageError: there is no hub at the address.
        NewerFormatError: it speaks another version of the protocol.
    """
    with HubClient(address) as client:
        client.check_protocol()
    return HubRemote(address)


def _checked(text: str) -> PackId:
    check_pack_id(text)
    return PackId(text)


@contextmanager
def _understood(url: str) -> Iterator[None]:
    """Answers that are of another shape than they must be are told."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError):
        raise IntegrityError(
            f"{url} answers as no hub of this protocol does; check the address"
        ) from None
