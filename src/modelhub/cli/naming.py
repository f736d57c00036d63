"""What `tag` and `alias` have in common."""

from collections.abc import Callable, Sequence

import click

from modelhub.cli.render import render
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.names import Named, delete_name, list_names
from modelhub.pages import Column, Kind, Table


def give_or_list(
    repository: BaseRepository,
    give: Callable[[BaseRepository, str, str], Named],
    revision: str | None,
    label: str | None,
    delete: str | None,
) -> None:
    """Give a name, delete one, or list all.

    Raises:
        click.UsageError: the arguments are of neither form.
    """
    kind = give.__name__
    if delete is not None and revision is None:
        gone = delete_name(repository, kind, delete)
        render(gone, page=lambda each: f"deleted {kind} {each.name}@{each.label}", ids=_ids_of_one)
    elif revision is not None and label is not None and delete is None:
        render(give(repository, revision, label), page=_page_of_one, ids=_ids_of_one)
    elif revision is None:
        render(list_names(repository, kind), page=_page, ids=lambda rows: map(_name, rows))
    else:
        raise click.UsageError(f"give REVISION and LABEL, --delete name@{kind}, or nothing")


def _name(named: Named) -> str:
    return f"{named.name}@{named.label}"


def _ids_of_one(named: Named) -> Sequence[str]:
    return [_name(named)]


def _page_of_one(named: Named) -> str:
    return f"{_name(named)} is {named.version}"


def _page(rows: Sequence[Named]) -> Table:
    return Table(
        columns=[Column("name"), Column("version"), Column("id", Kind.ID)],
        rows=[(_name(r), str(r.version), r.version.id if r.version else None) for r in rows],
        empty="there are none yet",
    )
