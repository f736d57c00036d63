"""dlv query: find versions by what is known of them, in DQL."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import click

from modelhub.cli.assignments import SETTING
from modelhub.cli.examples import examples
from modelhub.cli.render import Output, render, rows_options
from modelhub.cli.repository import pass_repository
from modelhub.cli.trials import print_tried, trials_page, watching
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.reading import ReadableRepository
from modelhub.dql import (
    MAX_LENGTH,
    QueryResult,
    Tried,
    TryOptions,
    commit_construction,
    commit_slice,
    evaluate,
    format_script,
    is_evaluate,
    parse,
    query,
    run_status,
)
from modelhub.errors import InputError
from modelhub.pages import Block, Column, Kind, Table


@click.command(
    epilog=examples(
        "dlv query 'select m where m.accuracy > 0.9'",
        'dlv query \'select m where m["conv*"].next has POOL("MAX")\' --json',
        "dlv query 'select m.name, max(m.accuracy) group by m.name' --format csv",
        "dlv query 'select m where m.name like :name' --param name=lenet%",
        "dlv query -f good.dql --html good.html",
        "dlv query -f try.dql --executor process --workers 4",
        "dlv query --status 3f2a91c07be4",
    )
)
@click.argument("text", metavar="[QUERY]", default="")
@click.option(
    "-f", "--file", type=click.File("rb"), metavar="FILE", help="Read the query; '-' for stdin."
)
@click.option(
    "--param",
    "parameters",
    type=SETTING,
    multiple=True,
    metavar="NAME=VALUE",
    help="A value for :NAME in the query.",
)
@click.option("--explain", is_flag=True, help="Show how the rows were found, too.")
@click.option(
    "--commit", "name", metavar="NAME", help="Record the network of a slice or construct as NAME."
)
@click.option(
    "--executor",
    type=click.Choice(["inline", "process"]),
    default="inline",
    show_default=True,
    help="Where evaluate trains: here, or in processes beside each other.",
)
@click.option(
    "--workers", type=click.IntRange(1, 1024), help="Trials at once; by default one a core."
)
@click.option(
    "--threads", type=click.IntRange(1, 1024), help="Of one trial; by default a fair share."
)
@click.option(
    "--code",
    multiple=True,
    metavar="PKG.MOD:FUNCTION",
    help="A function of yours that evaluate may run, if its configuration names it.",
)
@click.option("--status", metavar="RUN", help="Show how far an evaluate has come, and stop.")
@click.option("--format-only", is_flag=True, help="Print the query in its one form, and stop.")
@rows_options
def command(text: str, *, file: IO[bytes] | None, format_only: bool, **options: Any) -> None:
    """Find versions by what is known of them: names, metrics, settings, lineage, structure.

    A slice cuts a part out of networks, construct changes them; --commit records the result with
    its weights. Evaluate trains them, commits the best, and goes on where it was stopped.

    QUERY is in DQL; without it, or a FILE, it is read from stdin.
    """
    if format_only:
        click.echo(format_script(parse(_source(text, file))), nl=False)
    else:
        _answer(text, file=file, **options)


@pass_repository(ReadableRepository)
def _answer(  # noqa: PLR0913 - an option each
    repository: ReadableRepository,
    text: str,
    *,
    file: IO[bytes] | None,
    parameters: Sequence[tuple[str, Any]],
    explain: bool,
    name: str | None,
    executor: str,
    workers: int | None,
    threads: int | None,
    code: Sequence[str],
    status: str | None,
) -> None:
    if status is not None:
        _show(run_status(repository, status))
        return
    source = _source(text, file)
    if is_evaluate(source):
        options = TryOptions(executor=executor, workers=workers, threads=threads, code=code)
        _evaluate(repository, source, dict(parameters), options)
        return
    found = query(repository, source, **dict(parameters))
    if name is not None:
        _commit(repository, found, name, source)
    render(
        found,
        page=lambda found: list(_page(found, explain=explain)),
        ids=_ids,
        title="Query",
    )


def _source(text: str, file: IO[bytes] | None) -> str:
    """The query itself.

    Raises:
        InputError: the file is no text.
    """
    if text and text != "-" and file is not None:
        raise click.UsageError("give a query, or a file that holds it, not both")
    if text and text != "-":
        return text
    stream = sys.stdin.buffer if file is None else file
    raw = stream.read(4 * MAX_LENGTH + 4)  # longer ones are refused when they are read
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise InputError("the query is no UTF-8 text") from None


def _evaluate(
    repository: ReadableRepository, source: str, parameters: dict[str, Any], options: TryOptions
) -> None:
    with BaseRepository.open(repository.root) as writable, watching() as shown:
        found = evaluate(writable, source, options=options, watch=shown, **parameters)
    if Output.chosen().as_json:
        print_tried(found)
    else:
        _show(found)


def _show(found: Tried) -> None:
    render(
        found,
        page=lambda found: list(trials_page(found)),
        ids=lambda found: [each.version for each in found.trials if each.version is not None],
        title="Trials",
    )


def _commit(repository: ReadableRepository, found: QueryResult, name: str, source: str) -> None:
    count = len(found.slices) + len(found.constructions)
    if count != 1:
        raise InputError(f"--commit takes one slice or construction; the query gives {count}")
    with BaseRepository.open(repository.root) as writable:
        for part in found.slices:
            commit_slice(writable, part, name, message=source.strip())
        for new in found.constructions:
            commit_construction(writable, new, name, message=source.strip())


def _ids(found: QueryResult) -> Iterable[str]:
    """The ids of versions, or what else stands in the first column."""
    for row in found.rows:
        yield str(getattr(row[0], "id", row[0]))


def _page(found: QueryResult, *, explain: bool) -> Iterator[Block]:
    reason, *hints = found.notes or ["no rows"]
    yield Table(
        columns=[Column(title, _kind(found, place)) for place, title in enumerate(found.columns)],
        rows=[[_cell(value) for value in row] for row in found.rows],
        empty=reason,
    )
    yield from hints
    if explain:
        yield ""
        yield Table(
            columns=[Column("step"), Column("left", Kind.COUNT)],
            rows=[(each.step, each.rows) for each in found.plan],
        )


def _kind(found: QueryResult, place: int) -> Kind:
    values = [row[place] for row in found.rows if row[place] is not None]
    is_number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    return Kind.NUMBER if values and is_number else Kind.TEXT


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return value if value is None or isinstance(value, int | float) else str(value)
