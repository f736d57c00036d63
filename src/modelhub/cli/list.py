"""dlv list: models and versions, with their lineage."""

from collections.abc import Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.main_metric import read_courses
from modelhub.cli.metadata import pass_metadata
from modelhub.cli.render import render, rows_options
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.operations.list import list_versions
from modelhub.dlv.pages.versions import MOST, emptiness, versions_document, versions_table


@click.command(
    epilog=examples(
        "dlv list",
        "dlv list 'lenet*' --sort accuracy --reverse -n 5",
        "dlv list --where 'accuracy>0.9' --where 'tag=best*'",
        "dlv list --curves --html models.html",
        "dlv ls --json",
    )
)
@click.argument("pattern", default="*")
@click.option(
    "--where",
    multiple=True,
    metavar="CONDITION",
    help="Only versions of which this holds: a metric, size, parameters, snapshots, created or "
    "tag, compared by < <= = != >= >.",
)
@click.option("--sort", default="", help="By created, size, parameters, or a metric.")
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option("-n", "--limit", type=click.IntRange(min=1), help="Only so many.")
@click.option(
    "--curves",
    is_flag=True,
    help="Draw how the metric that says most, or that of --sort, went over training: reads the "
    "history of each row.",
)
@rows_options
@pass_metadata
def command(
    repository: Metadata,
    pattern: str,
    *,
    where: Sequence[str],
    sort: str,
    reverse: bool,
    limit: int | None,
    curves: bool,
) -> None:
    """List the versions of all models whose name matches PATTERN, as a lineage.

    Below each version stands what was made from it. A page (--html) always has the curves, and
    the first 300 rows.
    """
    found = list_versions(
        repository, pattern=pattern, where=where, sort=sort, reverse=reverse, limit=limit
    )
    render(
        found,
        page=lambda rows: versions_table(
            rows,
            is_tree=not sort,
            empty=emptiness(pattern, where),
            courses=read_courses(repository, rows, sort) if curves else None,
        ),
        ids=lambda rows: [row.version.id for row in rows],
        title="Models",
        document=lambda rows: list(
            versions_document(rows, read_courses(repository, rows[:MOST], sort), is_tree=not sort)
        ),
    )
