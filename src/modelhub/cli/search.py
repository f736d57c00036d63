"""dlv search: find models on a hub."""

from collections.abc import Sequence
from typing import Any

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.errors import InputError
from modelhub.pages import Column, Kind, Table
from modelhub.remotes import HubClient, hub_of, known_hubs


@click.command(
    epilog=examples(
        "dlv search lenet",
        "dlv search conv2d mnist --hub https://hub.example.com",
        "dlv search --namespace alice",
    )
)
@click.argument("words", nargs=-1)
@click.option("--hub", help="Address of the hub; the ones that you are logged in to, else.")
@click.option("--namespace", default="", help="Of this namespace only.")
@rows_options
def command(words: Sequence[str], hub: str | None, namespace: str) -> None:
    """Find versions on a hub in whose name, message, author, settings or layers all WORDS stand.

    The newest come first, a hundred at most. Take one with: dlv pull HUB/NAMESPACE MODEL@N
    """
    hubs = [hub_of(hub)] if hub else known_hubs()
    if not hubs:
        raise InputError("name a hub with --hub, or log in to one with: dlv auth login ADDRESS")
    rows = []
    for url in hubs:
        with HubClient(url) as client:
            params = {"q": " ".join(words), "namespace": namespace}
            found = client.ask_json("GET", "/search", params=params)
        rows += [{"hub": url, **each} for each in found]
    render(rows, page=_page, ids=lambda each: [row["id"] for row in each])


def _page(rows: Sequence[dict[str, Any]]) -> Table:
    return Table(
        columns=[
            Column("remote"),
            Column("version"),
            Column("created"),
            Column("parameters", Kind.COUNT),
            Column("size", Kind.SIZE),
            Column("message"),
        ],
        rows=[
            (
                f"{row['hub']}/{row['namespace']}",
                f"{row['model']}@{row['number']}",
                row["created"][:10],
                row["parameters"],
                row["bytes"],
                row["message"].partition("\n")[0],
            )
            for row in rows
        ],
        empty="nothing is found",
    )
