"""dlv remote: name remotes, and show what they have."""

from collections.abc import Mapping, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.metadata import Metadata
from modelhub.pages import Column, Kind, Table
from modelhub.remotes import (
    RemoteModel,
    add_remote,
    address_of,
    models_of,
    open_remote,
    remotes_of,
    remove_remote,
)


@click.command(
    epilog=examples(
        "dlv remote add origin file:///srv/models",
        "dlv remote",
        "dlv remote show origin",
        "dlv remote remove origin",
    )
)
@click.argument("action", type=click.Choice(["list", "add", "show", "remove"]), default="list")
@click.argument("name", required=False)
@click.argument("address", required=False)
@rows_options
@pass_repository(Metadata)
def command(repository: Metadata, action: str, name: str | None, address: str | None) -> None:
    """List the remotes that have names here; add one; show its models; or forget its name.

    ADDRESS is file:///path/of/a/folder. Nothing on a remote is changed by this command.
    """
    if action == "list" and name is None:
        render(remotes_of(repository), page=_page, ids=list)
    elif action == "add" and name is not None and address is not None:
        url = add_remote(repository, name, address)
        render({name: url}, page=lambda _: f"{name} is {url}", ids=list)
    elif action == "remove" and name is not None and address is None:
        url = remove_remote(repository, name)
        render({name: url}, page=lambda _: f"forgot {name}, which was {url}", ids=list)
    elif action == "show" and name is not None and address is None:
        models = models_of(open_remote(address_of(repository, name)))
        render(models, page=_models, ids=lambda rows: [row.name for row in rows])
    else:
        raise click.UsageError("write: list; add NAME ADDRESS; show NAME; or remove NAME")


def _page(remotes: Mapping[str, str]) -> Table:
    return Table(
        columns=[Column("name"), Column("address")],
        rows=list(remotes.items()),
        empty="no remote has a name here; give one with: dlv remote add NAME file:///path",
    )


def _models(models: Sequence[RemoteModel]) -> Table:
    return Table(
        columns=[
            Column("name"),
            Column("versions", Kind.COUNT),
            Column("latest", Kind.COUNT),
            Column("tags"),
        ],
        rows=[(m.name, len(m.numbers), m.numbers[-1], ", ".join(m.tags)) for m in models],
        empty="nothing is published there yet",
    )
