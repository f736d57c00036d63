"""dlv diff: compare versions."""

from collections.abc import Iterator, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.diff import PARTS, Difference, diff
from modelhub.dlv.pages.differences import differences_document, differences_page
from modelhub.dlv.reading import ReadableRepository

DIFFERENT = 1


@click.command(
    epilog=examples(
        "dlv diff lenet@1 lenet@2",
        "dlv diff lenet@1/step-100 lenet@1/step-200 --only weights",
        "dlv diff lenet wide deep --only network --only metrics",
        "dlv diff 'lenet::conv*' 'child::conv*' --exit-code",
    )
)
@click.argument("before")
@click.argument("after", nargs=-1, required=True)
@click.option("--only", multiple=True, type=click.Choice(PARTS), help="Compare this only.")
@click.option("--exact", is_flag=True, help="Read changed tensors whole, however large.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs.")
@rows_options
@pass_repository(ReadableRepository)
def command(
    repository: ReadableRepository,
    before: str,
    after: Sequence[str],
    *,
    only: Sequence[str],
    exact: bool,
    exit_code: bool,
) -> None:
    """Compare the version BEFORE with AFTER, or with several: network, weights, and the rest.

    Only what differs is shown. Tensors are those of the last snapshots, or of the ones that the
    revisions name. Of large tensors, pieces are read, and the numbers, marked ~, are estimates.
    """
    found = [diff(repository, before, each, only=only or PARTS, is_exact=exact) for each in after]
    render(
        found[0] if len(found) == 1 else found,
        page=lambda _: list(differences_page(found)),
        ids=lambda _: _names(found),
        title=f"{found[0].before} → {', '.join(str(each.after) for each in found)}",
        document=lambda _: list(differences_document(repository, found)),
    )
    if exit_code and not all(each.is_empty for each in found):
        click.get_current_context().exit(DIFFERENT)


def _names(found: Sequence[Difference]) -> Iterator[str]:
    yield from dict.fromkeys(tensor.name for each in found for tensor in each.tensors)
