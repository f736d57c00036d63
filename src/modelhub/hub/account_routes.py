"""Routes of accounts and their tokens."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from modelhub.errors import AccessError
from modelhub.hub.accounts import Accounts, Caller
from modelhub.hub.answers import FAILURES, PREFIX, Callers, Closed, known

MAX_DAYS = 36_500


class NewAccount(Closed):
    """An account that is to be made."""

    name: str
    admin: bool = False


class NewToken(Closed):
    """A token that is to be made."""

    label: str
    write: bool = False
    days: int | None = Field(default=None, ge=1, le=MAX_DAYS)


class Secret(BaseModel):
    """A token, which is shown this once."""

    token: str


class Who(BaseModel):
    """Who the caller is."""

    name: str
    admin: bool
    write: bool


def account_routes(accounts: Accounts, callers: Callers) -> APIRouter:
    """`/whoami`, `/accounts`, `/tokens`."""
    api = APIRouter(prefix=PREFIX, responses=FAILURES)
    Asking = Annotated[Caller | None, Depends(callers)]  # noqa: N806 - it is a type

    @api.get("/whoami")
    def whoami(asking: Asking) -> Who:
        """Whose token this is."""
        caller = known(asking)
        return Who(name=caller.name, admin=caller.is_admin, write=caller.may_write)

    @api.post("/accounts", status_code=201)
    def create_account(new: NewAccount, asking: Asking) -> Secret:
        """Make an account, and its first token; for admins."""
        caller = known(asking)
        if not caller.is_admin or not caller.may_write:
            raise AccessError(f"{caller.name} is no admin of this hub, or this token may read only")
        return Secret(token=accounts.create(new.name, is_admin=new.admin))

    @api.get("/tokens")
    def tokens(asking: Asking) -> list[dict[str, Any]]:
        """The caller's tokens, without what proves them."""
        found = accounts.tokens(known(asking).name)
        names = ("label", "created", "expires", "used")
        return [{n: getattr(t, n) for n in names} | {"write": t.may_write} for t in found]

    @api.post("/tokens", status_code=201)
    def create_token(new: NewToken, asking: Asking) -> Secret:
        """Make a token of the caller's, which may not do more than this one."""
        caller = known(asking)
        if not caller.may_write:
            raise AccessError("a token that may read only makes no others")
        text = accounts.create_token(caller.name, new.label, may_write=new.write, days=new.days)
        return Secret(token=text)

    @api.delete("/tokens/{label:path}", status_code=204)
    def revoke(label: str, asking: Asking) -> None:
        """Make one of the caller's tokens worthless."""
        caller = known(asking)
        if not caller.may_write:
            raise AccessError("a token that may read only revokes none")
        accounts.revoke(caller.name, label)

    return api
