"""dlv version: what this software is, and what it reads."""

import platform
from dataclasses import dataclass

import click

from modelhub._version import __version__
from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.pages import Fields

REPOSITORY_FORMAT = 1  # docs/spec/repository.md §8


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The version of this software.

    Attributes:
        version: of dlv.
        repository_format: the newest repository format that it reads and writes.
        python: the version of Python that runs it.
    """

    version: str
    repository_format: int
    python: str


@click.command(epilog=examples("dlv version", "dlv version --json"))
@output_options
def command() -> None:
    """Show the version of dlv and of the formats it reads."""
    found = Version(
        version=__version__,
        repository_format=REPOSITORY_FORMAT,
        python=platform.python_version(),
    )
    render(found, page=_page, ids=lambda each: [each.version])


def _page(found: Version) -> Fields:
    return Fields(
        values={
            "dlv": found.version,
            "repository format": found.repository_format,
            "Python": found.python,
        }
    )
