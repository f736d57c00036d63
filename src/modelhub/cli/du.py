"""dlv du: how many bytes models and versions take."""

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.du import DiskUsage, disk_usage
from modelhub.dlv.pages.versions import emptiness
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import Block, Column, Fields, Kind, Table


@click.command(epilog=examples("dlv du", "dlv du --versions", "dlv du 'lenet*' --format csv"))
@click.argument("pattern", default="*")
@click.option("--versions", is_flag=True, help="A row for each version, not for each model.")
@rows_options
@pass_repository(ReadableRepository)
def command(repository: ReadableRepository, pattern: str, *, versions: bool) -> None:
    """Show the bytes of the models whose name matches PATTERN.

    Exclusive bytes are those that would be freed if a row were gone; shared ones are used by
    other rows, too.
    """
    render(
        disk_usage(repository, pattern=pattern, by_version=versions),
        page=lambda found: _page(found, pattern),
        ids=lambda found: [row.name for row in found.rows],
        title="Bytes of models",
    )


def _page(found: DiskUsage, pattern: str) -> list[Block]:
    totals = {
        "all files as they are": found.raw,
        "objects on disk": found.objects,
        "catalog on disk": found.catalog,
    }
    return [
        Table(
            columns=[
                Column("name"),
                Column("versions", Kind.COUNT),
                Column("raw", Kind.SIZE),
                Column("stored", Kind.SIZE, has_bar=True),
                *(Column(title, Kind.SIZE) for title in ("exclusive", "shared")),
            ],
            rows=[
                (row.name, row.versions, row.raw, row.stored, row.exclusive, row.shared)
                for row in found.rows
            ],
            empty=emptiness(pattern),
        ),
        "",
        Fields(values=totals, kinds=dict.fromkeys(totals, Kind.SIZE)),
    ]
