"""dlv serve: host a hub."""

from importlib import import_module
from pathlib import Path
from typing import Any

import click

from modelhub.cli.examples import examples
from modelhub.plugins import needs_extra


@click.command(
    epilog=examples(
        "dlv serve",
        "dlv serve --data /srv/hub --host 0.0.0.0 --port 80",
        "dlv serve --port 0",
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8080,
    show_default=True,
    help="Port to listen at; 0 takes a free one.",
)
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hub"),
    show_default=True,
    help="Folder of the hub's data; made if it is not there.",
)
@click.option(
    "--admin", default="admin", show_default=True, help="Name of the first account, once."
)
def command(host: str, port: int, folder: Path, admin: str) -> None:
    """Host a hub: models of several people behind one address, until Ctrl-C.

    The first start makes an admin's account and prints its token, which is never shown again.
    Put a proxy that speaks TLS before it where others than you can listen on the way.
    """
    with needs_extra("server"):
        hub = import_module("modelhub.hub")
    hub.serve(folder, host=host, port=port, admin=admin, ready=_ready)


def _ready(started: Any) -> None:
    if started.token is not None:
        click.echo(f"account {started.admin}; its token, which is not shown again: {started.token}")
        click.echo(f"log in with: dlv auth login {started.url}")
    click.echo(f"serving {started.folder} at {started.url}; stop with Ctrl-C")
