"""dlv diff: compare versions."""

from collections.abc import Iterator, Sequence

import click

from modelhub.cli.differences import compared_page, difference_page
from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.dlv.drawings import networks_side_by_side
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.diff import PARTS, Difference, diff
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import Block, Section

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
    if len(found) == 1:
        pair = found[0]
        title = f"{pair.before} → {pair.after}"
        render(
            pair,
            page=lambda each: list(difference_page(each)),
            ids=_names,
            title=title,
            document=lambda each: [*difference_page(each), *_drawn(repository, each)],
        )
    else:
        render(found, page=lambda each: list(compared_page(each)), ids=_all_names)
    if exit_code and not all(each.is_empty for each in found):
        click.get_current_context().exit(DIFFERENT)


def _drawn(repository: ReadableRepository, found: Difference) -> Iterator[Block]:
    """The two networks side by side, where both are known and differ."""
    network = found.network
    if network is None or network.before is None or network.after is None:
        return
    drawn = networks_side_by_side(
        read_network(repository, network.before),
        read_network(repository, network.after),
        titles=(str(found.before), str(found.after)),
    )
    yield Section(title="Networks side by side", blocks=[drawn])


def _names(found: Difference) -> list[str]:
    return [each.name for each in found.tensors]


def _all_names(found: Sequence[Difference]) -> Iterator[str]:
    yield from dict.fromkeys(name for each in found for name in _names(each))
