"""dlv annotate: add metrics and notes to a version."""

from collections.abc import Sequence

import click

from modelhub.cli.assignments import NUMBER, TEXT
from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.names import annotate


@click.command(
    epilog=examples(
        "dlv annotate lenet@3 --metric test_accuracy=0.981",
        "dlv annotate lenet --note dataset='digits, rotated' --remove-metric loss",
    )
)
@click.argument("revision")
@click.option("--metric", "metrics", multiple=True, type=NUMBER, help="A number.")
@click.option("--note", "notes", multiple=True, type=TEXT, help="A text.")
@click.option("--remove-metric", multiple=True, help="Take an annotated number away.")
@click.option("--remove-note", multiple=True, help="Take a note away.")
@output_options
@pass_repository(BaseRepository)
def command(
    repository: BaseRepository,
    revision: str,
    *,
    metrics: Sequence[tuple[str, float]],
    notes: Sequence[tuple[str, str]],
    remove_metric: Sequence[str],
    remove_note: Sequence[str],
) -> None:
    """Add numbers and notes to a version. Its id stays the same."""
    ref = annotate(
        repository,
        revision,
        metrics={**dict(metrics), **dict.fromkeys(remove_metric)},
        notes={**dict(notes), **dict.fromkeys(remove_note)},
    )
    render(ref, page=lambda each: f"annotated {each}", ids=lambda each: [each.id])
