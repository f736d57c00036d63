"""How every command answers: JSON, ids, or a page for people; and the options that choose.

The JSON of a value (the schema of `--json`):

- a dataclass is an object with one key for each field, called like the field;
- a mapping is an object, its keys as text; a sequence is an array; a set is a sorted array;
- a time is ISO 8601 text, bytes are lower-case hexadecimal digits, a path is text;
- the numbers that JSON lacks are "NaN", "Infinity" and "-Infinity";
- fields are added in later versions, and neither renamed nor taken away.

The output is UTF-8 and one JSON text; an array has an element a line. Characters that could
mislead a terminal are escaped in it. It never depends on the terminal or on other options.
"""

import dataclasses
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import islice
from pathlib import Path, PurePath
from typing import Any, TypeVar, cast

import click

from modelhub import pages
from modelhub.cli.terminal import has_style, output_width
from modelhub.durable import write_output
from modelhub.pages import Look, Page, as_csv, as_markdown, as_text, visible
from modelhub.values import Json

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_META = "modelhub.output"
_LINES_AT_ONCE = 1000
_AS_THEY_ARE = {str, int, bool, type(None)}
# What json.dumps leaves as it is and `visible` does not, outside of ASCII control characters.
_MISLEADING = re.compile(
    "[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the options of a command say about its answer."""

    as_json: bool = False
    is_quiet: bool = False
    format: str = "table"
    is_whole: bool = False
    html: Path | None = None

    @classmethod
    def chosen(cls) -> "Output":
        """The choice in the command line that runs now."""
        context = click.get_current_context(silent=True)
        found = context.meta.get(_META) if context else None
        return found if isinstance(found, cls) else cls()


def _choose(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if not value or context.resilient_parsing:
        return
    names = {
        "json": "as_json",
        "quiet": "is_quiet",
        "format": "format",
        "no_truncate": "is_whole",
        "html": "html",
    }
    output = dataclasses.replace(
        context.meta.get(_META, Output()), **{names[str(parameter.name)]: value}
    )
    ways = [output.as_json, output.is_quiet, output.format != "table", output.html is not None]
    if sum(ways) > 1:
        raise click.UsageError("choose one of --json, --quiet, --format and --html", context)
    context.meta[_META] = output


def output_options(command: F) -> F:
    """Add `--json` and `-q`; `render` obeys them, the command's function never sees them."""
    quiet = click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_choose,
        help="Print ids only, one a line.",
    )
    as_json = click.option(
        "--json", is_flag=True, expose_value=False, callback=_choose, help="Print JSON."
    )
    return as_json(quiet(command))


def rows_options(command: F) -> F:
    """Add `--json`, `-q`, `--format`, `--html` and `--no-truncate`, for what prints rows."""
    html = click.option(
        "--html",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        expose_value=False,
        callback=_choose,
        help="Write a page for a browser, one file that needs no other.",
    )
    form = click.option(
        "--format",
        type=click.Choice(["table", "csv", "md"]),
        expose_value=False,
        callback=_choose,
        help="Print rows as a table (the default), CSV or Markdown.",
    )
    whole = click.option(
        "--no-truncate",
        is_flag=True,
        expose_value=False,
        callback=_choose,
        help="Do not shorten values to fit the terminal.",
    )
    return form(html(whole(output_options(command))))


def render(
    value: T,
    *,
    page: Callable[[T], Page],
    ids: Callable[[T], Iterable[str]],
    title: str = "",
    document: Callable[[T], Page] | None = None,
) -> None:
    """Print the answer of a command, as its options say.

    Args:
        value: what the operation returned; see the module for its JSON.
        page: makes what people see of it; called only if people are to see it.
        ids: makes the lines of `-q`: ids, `name@number`s or paths.
        title: of the document, if one is written; the command if empty.
        document: makes the document's page, where it draws what text cannot; else `page` does.
    """
    output = Output.chosen()
    if output.html is not None:
        _write_document(output.html, (document or page)(value), title)
        return
    if output.as_json:
        lines = as_json_lines(value)
    elif output.is_quiet:
        lines = map(visible, ids(value))
    elif output.format == "csv":
        lines = as_csv(page(value))
    elif output.format == "md":
        lines = as_markdown(page(value))
    else:
        width = None if output.is_whole else output_width(sys.stdout)
        lines = as_text(page(value), Look(width=width, is_styled=has_style(sys.stdout)))
    _print(lines)


def _write_document(path: Path, page: Page, title: str) -> None:
    text = pages.as_document(page, title=title or click.get_current_context().command_path)
    write_output(path, [text.encode()])
    click.echo(visible(str(path)))


def _print(lines: Iterable[str]) -> None:
    left = iter(lines)
    while part := list(islice(left, _LINES_AT_ONCE)):
        click.echo("\n".join(part))


def as_json_lines(value: object) -> Iterator[str]:
    """The lines of a value's JSON: an array has one element a line, all else is indented."""
    if not isinstance(value, list | tuple):
        yield _dumped(value, indent=2)
        return
    if not value:
        yield "[]"
        return
    for position, each in enumerate(value):
        start = "[" if position == 0 else " "
        yield start + _dumped(each) + ("]" if position == len(value) - 1 else ",")


def json_line(value: object) -> str:
    """A value as JSON in one line, for answers that come bit by bit."""
    return _dumped(value)


def _dumped(value: object, indent: int | None = None) -> str:
    text = json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return text if text.isprintable() else _MISLEADING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f"


def plain(value: object) -> Json:
    """A value as JSON has it; the module says how.

    Raises:
        TypeError: it is of a type that has no JSON here.
    """
    if type(value) in _AS_THEY_ARE:
        return cast("Json", value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, float):
        return _plain_number(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _field_names(type(value))}
    text = _plain_text(value)
    return _plain_collection(value) if text is None else text


@cache
def _field_names(type_: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(type_))


def _plain_text(value: object) -> str | None:
    if isinstance(value, str | PurePath):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else None


def _plain_number(value: float) -> Json:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _plain_collection(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, int):  # of a class of its own
        return int(value)
    if isinstance(value, set | frozenset):
        return sorted((plain(each) for each in value), key=str)
    raise TypeError(f"{type(value).__name__} has no JSON")
