"""dlv config: show and change settings, and say where each comes from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from modelhub import config, config_file
from modelhub.cli.examples import examples
from modelhub.cli.render import render, rows_options
from modelhub.dlv import locks
from modelhub.dlv.layout import Layout
from modelhub.errors import InputError, NotARepositoryError
from modelhub.pages import Column, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting as it holds here.

    Attributes:
        key: its name.
        value: what holds.
        origin: the file or `$VARIABLE` that says so, or `default`.
        meaning: what it does.
    """

    key: str
    value: config.Value
    origin: str
    meaning: str


@click.command(
    epilog=examples(
        "dlv config",
        'dlv config --global user.name "Ada Lovelace"',
        "dlv config best.metric val_loss",
        "dlv config --unset best.metric",
    )
)
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--global", "scope", flag_value="global", help="In the settings of this user.")
@click.option("--local", "scope", flag_value="local", help="Here, on this machine only.")
@click.option("--unset", is_flag=True, help="Take KEY out of the file.")
@rows_options
def command(key: str | None, value: str | None, scope: str | None, *, unset: bool) -> None:
    """Show all settings and where each comes from; show KEY; or set KEY to VALUE.

    Settings are written into the repository's file, .dlv/config, unless an option says
    otherwise. Nearer files win: .dlv/config.local, .dlv/config, then the user's.
    """
    folder = config.repository_folder(Path.cwd())
    if value is not None or unset:
        _change(folder, key, value, scope=scope or "project", unset=unset)
        return
    settings = config.read_settings(folder)
    if key is not None:
        found = _setting(settings, config.key_of(key))
        render(found, page=lambda each: str(each.value), ids=lambda each: [str(each.value)])
        return
    for warning in settings.warnings:
        click.echo(f"dlv: {warning}", err=True)
    every = [_setting(settings, each) for each in config.KEYS.values()]
    render(every, page=_page, ids=lambda rows: [row.key for row in rows])


def _setting(settings: config.Settings, key: config.Key) -> Setting:
    return Setting(
        key=key.name,
        value=settings[key.name],
        origin=settings.origins[key.name],
        meaning=key.doc,
    )


def _page(rows: list[Setting]) -> Table:
    return Table(
        columns=[Column("key"), Column("value"), Column("from"), Column("meaning")],
        rows=[(row.key, row.value, row.origin, row.meaning) for row in rows],
    )


def _change(
    folder: Path | None, key: str | None, value: str | None, *, scope: str, unset: bool
) -> None:
    if key is None or (unset and value is not None):
        raise click.UsageError("--unset takes a KEY and no VALUE")
    with _file(folder, scope) as (path, scratch):
        if value is None:
            config_file.unset_value(path, key, scratch=scratch)
        else:
            config_file.set_value(path, key, value, scratch=scratch)


@contextmanager
def _file(folder: Path | None, scope: str) -> Iterator[tuple[Path, Path | None]]:
    """The file of a scope, and where it may be written before it gets its name."""
    if scope == "global":
        path = config.global_file()
        if path is None:
            raise InputError("there is no home folder for the user's settings; set HOME")
        yield path, None
        return
    if folder is None or not folder.is_dir():
        raise NotARepositoryError(
            "there is no repository here whose settings could change; "
            "start one with: dlv init; or change the user's with: --global"
        )
    with locks.writing(Layout(folder), "config") as scratch:
        local, project = config.local_file(folder), config.project_file(folder)
        yield local if scope == "local" else project, scratch
