"""dlv auth: log in to hubs, and manage accounts and tokens there."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.errors import InputError
from modelhub.pages import Column, Table
from modelhub.remotes import HubClient, hub_of, keep_token, known_hubs

MAX_LINE = 1000  # characters of a token that is read
_UNNAMED = {"whoami", "logout", "tokens"}


@click.command(
    epilog=examples(
        "dlv auth login https://hub.example.com",
        "dlv auth whoami",
        "dlv auth token laptop --write --days 90",
        "dlv auth tokens",
        "dlv auth revoke laptop",
        "dlv auth user alice",
        "dlv auth logout",
    )
)
@click.argument(
    "action",
    type=click.Choice(["whoami", "login", "logout", "token", "tokens", "revoke", "user"]),
    default="whoami",
)
@click.argument("name", required=False)
@click.option("--hub", help="Address of the hub, if you are logged in to several.")
@click.option("--write", is_flag=True, help="token: it may publish, too, not read only.")
@click.option("--days", type=click.IntRange(1, 36_500), help="token: after which it expires.")
@click.option("--admin", is_flag=True, help="user: who may do everything.")
@rows_options
def command(
    action: str,
    name: str | None,
    hub: str | None,
    *,
    write: bool,
    days: int | None,
    admin: bool,
) -> None:
    """Log in to the hub NAME; say who you are there; log out; make, list, revoke tokens, users.

    login asks for a token, or reads it from the standard input; it is kept in a file that only
    you can read. DLV_TOKEN, if it is set, is shown to every hub instead. A new token, or user,
    prints its token once.
    """
    if (name is None) is not (action in _UNNAMED):
        raise click.UsageError(
            "write: login ADDRESS; whoami; logout; token LABEL; tokens; revoke LABEL; or user NAME"
        )
    if action == "login":
        assert name is not None
        _login(hub_of(name))
        return
    url = _chosen(hub)
    if action == "logout":
        known = keep_token(url, None)
        said = f"logged out of {url}" if known else f"you were not logged in to {url}"
        render({"hub": url, "changed": known}, page=lambda _: said, ids=lambda _: [url])
        return
    with HubClient(url) as client:
        if action == "whoami":
            _whoami(client)
        elif action == "tokens":
            found = client.ask_json("GET", "/tokens")
            render(found, page=_tokens, ids=lambda rows: [str(row["label"]) for row in rows])
        elif action == "revoke":
            client.ask("DELETE", f"/tokens/{name}")
            render({"revoked": name}, page=lambda _: f"revoked {name}", ids=lambda _: [str(name)])
        elif action == "token":
            body: dict[str, Any] = {"label": name, "write": write, "days": days}
            _secret(client.ask_json("POST", "/tokens", json=body), f"token {name}")
        else:
            body = {"name": name, "admin": admin}
            _secret(client.ask_json("POST", "/accounts", json=body), f"account {name}")


def _login(url: str) -> None:
    if sys.stdin.isatty():
        text = click.prompt(f"token for {url}", hide_input=True, err=True)
    else:
        text = sys.stdin.readline(MAX_LINE)
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable():
        raise InputError("no token came; run it again and paste one, or pipe it in")
    with HubClient(url, token=token) as client:
        client.check_protocol()
        who = client.ask_json("GET", "/whoami")
    keep_token(url, token)
    render(
        {"hub": url, **who},
        page=lambda _: f"logged in to {url} as {who['name']}",
        ids=lambda _: [str(who["name"])],
    )


def _chosen(hub: str | None) -> str:
    """The hub that is meant."""
    if hub is not None:
        return hub_of(hub)
    known = known_hubs()
    if len(known) == 1:
        return known[0]
    if not known:
        raise InputError("you are not logged in to a hub; log in with: dlv auth login ADDRESS")
    raise InputError(f"you are logged in to {', '.join(known)}; say which one with --hub")


def _whoami(client: HubClient) -> None:
    who = client.ask_json("GET", "/whoami")
    may = "may publish" if who["write"] else "may read only"
    role = ", an admin" if who["admin"] else ""
    render(
        {"hub": client.url, **who},
        page=lambda _: f"{who['name']}{role} at {client.url}; this token {may}",
        ids=lambda _: [str(who["name"])],
    )


def _secret(found: dict[str, str], what: str) -> None:
    render(
        found,
        page=lambda each: [f"{what}; it is not shown again:", each["token"]],
        ids=lambda each: [each["token"]],
    )


def _tokens(rows: Sequence[dict[str, Any]]) -> Table:
    return Table(
        columns=[Column(each) for each in ("label", "may", "created", "expires", "used")],
        rows=[
            (
                row["label"],
                "publish" if row["write"] else "read",
                *(_day(row[each]) for each in ("created", "expires", "used")),
            )
            for row in rows
        ],
        empty="there are no tokens",
    )


def _day(seconds: int | None) -> str:
    return "never" if seconds is None else datetime.fromtimestamp(seconds, UTC).date().isoformat()
