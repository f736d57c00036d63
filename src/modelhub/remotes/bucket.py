"""A bucket of an S3 store as a remote; no process of ours serves it (docs/spec/sync.md §8)."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import quote, unquote, urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from modelhub.dlv.revisions import check_name
from modelhub.durable import Buffer
from modelhub.errors import (
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    StorageError,
)
from modelhub.pas import check_pack_id
from modelhub.remotes.closure import check_track
from modelhub.remotes.documents import object_id
from modelhub.remotes.format import FORMAT_LINE, check_format
from modelhub.remotes.remote import Remote
from modelhub.values import PackId

YOUNG = timedelta(days=7)  # half of what a collection spares: docs/spec/sync.md §8
ASKING = 16  # requests at a time about objects
PATIENCE = timedelta(minutes=1)  # with a store that does not answer
_REF_BYTES = 65  # an object id and the end of the line
_NO_BUCKET = "<Code>NoSuchBucket</Code>"
_NO_RANGE = "<Code>InvalidRange</Code>"
_MAX_TOLD = 200  # characters of what a store says

T = TypeVar("T")


class BucketRemote:
    """`modelhub.remotes.Remote` in a bucket, or below a prefix of one.

    Each operation is one request, or one for each object; a request that the store does not
    answer, or answers with an error of its own, is sent again for up to a minute.

    Args:
        address: `s3://bucket/prefix`.
    """

    def __init__(self, address: str) -> None:
        self.url = address
        parts = urlsplit(address)
        self._store = S3Store(
            parts.netloc,
            prefix=unquote(parts.path).strip("/") or None,
            config={"checksum_algorithm": "SHA256"},  # the store compares what arrives
            client_options={"connect_timeout": "10s", "timeout": "120s", "allow_http": True},
            retry_config={"max_retries": 6, "retry_timeout": PATIENCE},
        )

    @classmethod
    def open(cls, address: str) -> Self:
        """Use a place that is a remote already.

        Raises:
            NotFoundError: it is none.
            NewerFormatError: a later version of this software made it.
            StorageError: the store cannot be reached, or does not let us in.
        """
        remote = cls(address)
        try:
            line = remote._asked(lambda: obstore.get(remote._store, "format").bytes())
        except FileNotFoundError:
            raise NotFoundError(
                f"{address} is no remote; publish a model into it first, or check the address"
            ) from None
        check_format(bytes(line)[:100].decode("utf-8", "replace"), f"{address}/format")
        return remote

    @classmethod
    def create(cls, address: str) -> Self:
        """Use a place, which becomes a remote if nothing is there.

        Raises:
            ConflictError: it has other things in it.
            StorageError: as in `open`.
        """
        remote = cls(address)
        with suppress(NotFoundError):
            return cls.open(address)
        found = remote._asked(lambda: next(iter(obstore.list(remote._store, chunk_size=10)), []))
        if found:
            raise ConflictError(
                f"{address} is no remote and has other things in it ({found[0]['path']!r:.80}); "
                "name a new or empty prefix"
            )
        with suppress(AlreadyExistsError):
            remote._put("format", FORMAT_LINE.encode(), mode="create")
        return cls.open(address)

    def models(self) -> Sequence[str]:
        """The names of its refs; keys that cannot be one are passed over."""
        found = []
        for page in self._asked(lambda: list(obstore.list(self._store, "refs"))):
            for each in page:
                key = each["path"].rpartition("/")[2]
                with suppress(InputError):
                    name = check_name(unquote(key))
                    if _ref_key(name) == f"refs/{key}":
                        found.append(name)
        return sorted(found)

    def sharing(self, name: str) -> Sequence[str]:  # noqa: ARG002 - who reads one reads all
        """All of its refs."""
        return self.models()

    def ref(self, name: str) -> PackId | None:
        """The id of a ref's track."""
        return self._ref(name)[0]

    def missing(self, ids: Sequence[PackId]) -> set[PackId]:
        """Which objects it lacks. One that is not young counts as lacking: it is put again."""

        def lacks(id_: PackId) -> bool:
            try:
                found = self._asked(lambda: obstore.head(self._store, _object_key(id_)))
            except FileNotFoundError:
                return True
            return datetime.now(UTC) - found["last_modified"] > YOUNG

        with ThreadPoolExecutor(ASKING) as pool:
            return {id_ for id_, each in zip(ids, pool.map(lacks, ids), strict=True) if each}

    def put(self, data: Buffer, id: PackId | None = None) -> PackId:  # noqa: A002 - it is one
        """Store an object."""
        id_ = object_id(data) if id is None else id
        self._put(_object_key(id_), data)
        return id_

    def read(self, pack: PackId, offset: int, size: int) -> bytes:
        """A range of an object."""
        if size == 0:
            return b""
        with _found(pack):
            data = self._asked(
                lambda: obstore.get_range(self._store, _object_key(pack), start=offset, length=size)
            )
        if len(data) != size:
            raise IntegrityError(f"{self.url}: object {pack[:12]} ends before byte {offset + size}")
        return bytes(data)

    def size(self, pack: PackId) -> int:
        """Bytes of an object."""
        with _found(pack):
            return int(self._asked(lambda: obstore.head(self._store, _object_key(pack)))["size"])

    def swap(self, name: str, old: PackId | None, new: PackId) -> None:
        """Replace a ref, if the store still has the one that was read."""
        check_name(name)
        found, tag = self._ref(name)
        moved = ConflictError(
            f"{name} on {self.url} was published by another process meanwhile; "
            "run the command again, nothing is sent twice"
        )
        if found != old:
            raise moved
        check_track(self, name, old, new)
        try:
            mode = "create" if tag is None else {"e_tag": tag}
            self._put(_ref_key(name), f"{new}\n".encode(), mode=mode)
        except (AlreadyExistsError, PreconditionError):
            if self.ref(name) != new:  # else it was we, and the first answer was lost
                raise moved from None

    def close(self) -> None:
        """Nothing is held."""

    def _ref(self, name: str) -> tuple[PackId | None, str | None]:
        """A ref, and the store's own tag of it."""
        key = _ref_key(name)
        try:
            answer = self._asked(lambda: obstore.get(self._store, key))
        except FileNotFoundError:
            return None, None
        line = ""
        if answer.meta["size"] == _REF_BYTES:
            line = bytes(self._asked(answer.bytes)).decode("ascii", "replace")
        with _refused(f"{self.url}/{key} is damaged: it must hold one object id and nothing else"):
            check_pack_id(line.removesuffix("\n"))
        return PackId(line[:-1]), answer.meta["e_tag"]

    def _put(self, key: str, data: Buffer, *, mode: Any = "overwrite") -> None:
        self._asked(
            lambda: obstore.put(self._store, key, data, mode=mode, use_multipart=False),
        )

    def _asked(self, ask: Callable[[], T]) -> T:
        """What the store answers.

        Raises:
            FileNotFoundError: there is no such key.
            AlreadyExistsError, PreconditionError: another was first.
            NotFoundError: there is no such bucket.
            IntegrityError: an object has no such range.
            StorageError: anything else, in one line.
        """
        try:
            return ask()
        except (AlreadyExistsError, PreconditionError):
            raise
        except (PermissionDeniedError, UnauthenticatedError):
            raise StorageError(
                f"{self.url}: the store refuses access; set AWS_ACCESS_KEY_ID, "
                "AWS_SECRET_ACCESS_KEY, and AWS_REGION or AWS_ENDPOINT_URL"
            ) from None
        except BaseError as error:
            if _NO_BUCKET in str(error):
                bucket = urlsplit(self.url).netloc
                raise NotFoundError(
                    f"{self.url}: there is no bucket {bucket}; make it first"
                ) from None
            if _NO_RANGE in str(error):
                raise IntegrityError(
                    f"{self.url}: an object ends before the range that is read; publish it again"
                ) from None
            raise StorageError(
                f"{self.url} cannot be used: {_reason(error)}; run the command again, "
                "nothing is sent twice"
            ) from None


def open_bucket(address: str, *, create: bool) -> Remote:
    """The remote in a bucket (`modelhub.remotes.kinds.OpenRemote`)."""
    return BucketRemote.create(address) if create else BucketRemote.open(address)


@contextmanager
def _found(pack: PackId) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(f"object {pack[:12]} is not there") from None


@contextmanager
def _refused(damage: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise IntegrityError(damage) from None


def _reason(error: BaseError) -> str:
    """What a store, or the way to it, says, without what is of use to programmers only."""
    said = str(error).partition("Debug source")[0]
    status = re.search(r"status code: (\d+[\w ]*)", said)
    code = re.search(r"<Code>(\w+)</Code>", said)
    if status is None:
        return " ".join(said.rpartition("- HTTP error:")[2].split())[:_MAX_TOLD]
    return " ".join(filter(None, ["it answers", status[1].strip(), code and code[1]]))


def _object_key(pack: PackId) -> str:
    check_pack_id(pack)
    return f"objects/{pack[:2]}/{pack[2:]}"


def _ref_key(name: str) -> str:
    return f"refs/{quote(name, safe='')}"
