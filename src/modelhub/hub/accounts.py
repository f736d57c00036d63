"""Who may come: accounts, and the tokens that prove them."""

import hashlib
import re
import secrets
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from modelhub.errors import AccessError, ConflictError, InputError, NotFoundError
from modelhub.hub.database import Database
from modelhub.hub.schema import account as accounts
from modelhub.hub.schema import token as tokens

PREFIX = "mh_"
DAY_S = 86_400
NAME_RULE = "2 to 39 of a-z, 0-9 and -, not at an end"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET, _CHECK = 43, 6  # digits to base 62: 256 bits, and a CRC-32 that tells typing errors
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,37}[a-z0-9]")
_TOKEN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_SECRET + _CHECK}}}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
# First parts of addresses that are the hub's own, or that clients of other hubs ask for.
RESERVED = frozenset(
    {
        "accounts",
        "api",
        "auth",
        "compare",
        "datasets",
        "docs",
        "dql",
        "health",
        "healthz",
        "hub",
        "login",
        "logout",
        "metrics",
        "models",
        "new",
        "oauth",
        "openapi",
        "organizations",
        "protocol",
        "ready",
        "refs",
        "search",
        "settings",
        "spaces",
        "static",
        "storage",
        "tokens",
        "users",
        "v1",
        "whoami",
    }
)
_USED_EVERY_S = 60  # how exactly the last use of a token is known


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, as their token says.

    Attributes:
        name: of the account, and of the namespace that is theirs.
        is_admin: whether they may do everything.
        may_write: whether this token may change anything.
    """

    name: str
    is_admin: bool
    may_write: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenInfo:
    """What is known of a token; not itself. Times are seconds since 1970, or None."""

    label: str
    may_write: bool
    created: int
    expires: int | None
    used: int | None


class Accounts:
    """The accounts of a hub."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def first(self, name: str) -> str | None:
        """Make the first account, an admin's; its token, or None if there are accounts."""
        with self._database.writing() as connection:
            if connection.execute(select(func.count()).select_from(accounts)).scalar_one():
                return None
            return _created(connection, name, is_admin=True)

    def create(self, name: str, *, is_admin: bool = False) -> str:
        """Make an account; its first token, which is never shown again.

        Raises:
            InputError: it cannot be called so.
            ConflictError: another one is.
        """
        with self._database.writing() as connection:
            if _key(connection, name) is not None:
                raise ConflictError(f"there is an account {name} already; choose another name")
            return _created(connection, name, is_admin=is_admin)

    def names(self) -> list[str]:
        """The names of all accounts."""
        with self._database.reading() as connection:
            found = connection.execute(select(accounts.c.name).order_by(accounts.c.name))
            return list(found.scalars())

    def exists(self, name: str) -> bool:
        """Whether there is such an account."""
        with self._database.reading() as connection:
            return _key(connection, name) is not None

    def create_token(
        self, name: str, label: str, *, may_write: bool, days: int | None = None
    ) -> str:
        """Make a further token of an account; it is never shown again.

        Args:
            name: of the account.
            label: what it is called.
            may_write: whether it may change anything.
            days: after which it is of no use; None for never.

        Raises:
            ConflictError: a token of the account is called so.
        """
        if not _LABEL.fullmatch(label):
            raise InputError("a token's label has 1 to 80 characters, none of them a line break")
        with self._database.writing() as connection:
            key = _key(connection, name)
            if key is None:
                raise NotFoundError(f"there is no account {name}")
            known = select(tokens.c.key).where(tokens.c.account == key, tokens.c.label == label)
            if connection.execute(known).first() is not None:
                raise ConflictError(f"{name} has a token {label!r} already; revoke it first")
            expires = None if days is None else _now() + days * DAY_S
            return _token(connection, key, label, may_write=may_write, expires=expires)

    def tokens(self, name: str) -> Sequence[TokenInfo]:
        """The tokens of an account, the oldest first."""
        columns = [getattr(tokens.c, each) for each in TokenInfo.__slots__]
        query = select(*columns).join(accounts).where(accounts.c.name == name)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(tokens.c.key)).all()
        return [TokenInfo(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's name

    def revoke(self, name: str, label: str) -> None:
        """Make a token worthless.

        Raises:
            NotFoundError: the account has no such token.
        """
        with self._database.writing() as connection:
            key = _key(connection, name)
            gone = connection.execute(
                delete(tokens).where(tokens.c.account == key, tokens.c.label == label)
            )
            if not gone.rowcount:
                raise NotFoundError(f"{name} has no token {label!r}")

    def caller(self, text: str) -> Caller:
        """Who has a token.

        Raises:
            AccessError: nobody has it, or it is of no use any more.
        """
        refused = AccessError("this token is unknown or was revoked; log in with: dlv auth login")
        if not is_token(text):
            raise refused
        query = (
            select(tokens.c.key, tokens.c.may_write, tokens.c.expires, tokens.c.used)
            .add_columns(accounts.c.name, accounts.c.is_admin)
            .join(accounts)
            .where(tokens.c.digest == _digest(text))
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise refused
        now = _now()
        if row.expires is not None and row.expires <= now:
            raise AccessError("this token has expired; get another one, and: dlv auth login")
        if row.used is None or row.used + _USED_EVERY_S <= now:
            with self._database.writing() as connection:
                connection.execute(update(tokens).where(tokens.c.key == row.key).values(used=now))
        return Caller(name=row.name, is_admin=row.is_admin, may_write=row.may_write)


def check_account(name: str) -> str:
    """A name as it is, if an account and its namespace may be called so.

    Raises:
        InputError: says the rule.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r:.80} cannot be an account's name: {NAME_RULE}")
    if name in RESERVED:
        raise InputError(f"{name!r} is a name of the hub itself; choose another one")
    return name


def is_token(text: str) -> bool:
    """Whether a text can be a token, typed without an error."""
    secret, check = text[len(PREFIX) : -_CHECK], text[-_CHECK:]
    return bool(_TOKEN.fullmatch(text)) and check == _checked(secret)


def _created(connection: Connection, name: str, *, is_admin: bool) -> str:
    values = {"name": check_account(name), "is_admin": is_admin, "created": _now()}
    done = connection.execute(insert(accounts).values(values))
    assert done.inserted_primary_key is not None
    return _token(connection, done.inserted_primary_key[0], "first", may_write=True, expires=None)


def _token(
    connection: Connection, account: int, label: str, *, may_write: bool, expires: int | None
) -> str:
    secret = _base62(secrets.randbits(256), _SECRET)
    text = f"{PREFIX}{secret}{_checked(secret)}"
    values = {"account": account, "label": label, "digest": _digest(text), "created": _now()}
    connection.execute(insert(tokens).values(**values, may_write=may_write, expires=expires))
    return text


def _key(connection: Connection, name: str) -> int | None:
    found: int | None = connection.execute(
        select(accounts.c.key).where(accounts.c.name == name)
    ).scalar()
    return found


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _checked(secret: str) -> str:
    return _base62(zlib.crc32(secret.encode()), _CHECK)


def _base62(number: int, digits: int) -> str:
    found = ""
    for _ in range(digits):
        number, rest = divmod(number, len(_ALPHABET))
        found = _ALPHABET[rest] + found
    return found


def _now() -> int:
    return int(time.time())
