"""dlv desc: describe a version."""

from collections.abc import Mapping, Sequence

import click

from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.sizes import read_sizes
from modelhub.dlv.operations.desc import describe
from modelhub.dlv.pages.description import description_document, description_page
from modelhub.dlv.reading import ReadableRepository


@click.command(
    epilog=examples(
        "dlv desc lenet",
        "dlv desc lenet@2/step-100",
        "dlv desc lenet --input-size batch=8",
        "dlv desc 'lenet::conv*' --json",
    )
)
@click.argument("revision")
@click.option(
    "--input-size",
    "sizes",
    multiple=True,
    metavar="NAME=SIZE",
    callback=read_sizes,
    help="What layers cost is told for this input: batch=8, or image=8,1,28,28. Default: batch 1.",
)
@click.option("--all", "unfold", is_flag=True, help="Show each layer of repeated blocks.")
@rows_options
@pass_repository(ReadableRepository)
def command(
    repository: ReadableRepository,
    revision: str,
    *,
    sizes: Mapping[str, Sequence[int]],
    unfold: bool,
) -> None:
    """Describe a version: its origin, network, tensors, metrics, settings, files, bytes.

    Tensors are those of the last snapshot, or of the one that REVISION names. Layers stand in
    the order of execution; FLOPs are of products of matrices, two for a multiply-add.
    """
    found = describe(repository, revision, sizes=sizes, unfold=unfold)
    render(
        found,
        page=lambda each: list(description_page(each)),
        ids=lambda each: [each.version.id],
        title=str(found.version),
        document=lambda each: description_document(repository, each, sizes),
    )
