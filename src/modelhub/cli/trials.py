"""What people see of the trials of an `evaluate`, while they are trained and afterwards."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Protocol, cast

import click

from modelhub.cli.progress import is_wanted
from modelhub.cli.render import Output, json_line
from modelhub.dql import Tried, TriedNetwork
from modelhub.pages import Block, Column, Kind, Table, visible

RUNNING = "running"
MOST_METRICS = 4  # that are shown of a trial


class Display(Protocol):
    """Where trials are shown while they run."""

    def update(self, trial: TriedNetwork, count: int) -> None:
        """Draw a trial that began, reported or ended; there are `count`."""

    def close(self) -> None:
        """Take away what was drawn."""


class Watching:
    """Shows trials: as a live table, as lines, or as JSON lines; and knows how many are done.

    Attributes:
        run: the name of the run, once something was shown.
        done: trials that ended while it was watching.
    """

    def __init__(self) -> None:
        self.run, self.done, self.count = "", 0, 0
        self._display: Display | None = None
        if is_wanted():
            # The library that draws is slow to import.
            module = import_module(f"{__package__}.trial_table")
            self._display = cast("Display", module.LiveTable())

    def __call__(self, trial: TriedNetwork, count: int, run: str) -> None:
        """Show a trial."""
        self.run, self.count = run, count
        self.done += trial.state != RUNNING
        if self._display is not None:
            self._display.update(trial, count)
        elif trial.state == RUNNING or Output.chosen().is_quiet:
            return
        elif Output.chosen().as_json:
            click.echo(json_line(trial))
        else:
            click.echo(visible(told(trial, count)), err=True)

    def close(self) -> None:
        """Take away what was drawn."""
        if self._display is not None:
            self._display.close()


@contextmanager
def watching() -> Iterator[Watching]:
    """Show trials while a block runs them; if the user stops it, say how to go on."""
    shown = Watching()
    try:
        yield shown
    except KeyboardInterrupt:
        shown.close()
        if shown.run:
            click.echo(
                f"run {shown.run} stopped; what has ended is kept: the same command goes on, and "
                f"dlv query --status {shown.run} shows it",
                err=True,
            )
        raise
    finally:
        shown.close()


def told(trial: TriedNetwork, count: int) -> str:
    """A trial in a line."""
    metrics = "".join(f", {name} {value:.4g}" for name, value in shown_metrics(trial).items())
    reason = f" ({trial.reason})" if trial.reason else ""
    return (
        f"trial {trial.trial + 1} of {count}, {trial.network}{settings(trial)}: "
        f"{trial.state} at step {trial.step}{metrics}{reason}"
    )


def settings(trial: TriedNetwork) -> str:
    """The settings of a trial, behind its network."""
    return "".join(f" {name}={value}" for name, value in trial.settings.items())


def shown_metrics(trial: TriedNetwork) -> dict[str, float]:
    """The first of its metrics."""
    return dict(list(trial.metrics.items())[:MOST_METRICS])


def trials_page(found: Tried) -> Iterator[Block]:
    """A run: its trials, those that are kept first."""
    names = list(dict.fromkeys(n for each in found.trials for n in each.settings))
    metrics = list(dict.fromkeys(n for each in found.trials for n in shown_metrics(each)))
    yield Table(
        columns=[
            Column("trial", Kind.COUNT),
            Column("network"),
            *(Column(name) for name in names),
            Column("state"),
            Column("step", Kind.COUNT),
            *(Column(name, Kind.NUMBER) for name in metrics),
            Column("version"),
            Column("reason"),
        ],
        rows=[
            [
                each.trial,
                each.network,
                *(_cell(each.settings.get(name)) for name in names),
                each.state,
                each.step,
                *(each.metrics.get(name) for name in metrics),
                each.version,
                each.reason,
            ]
            for each in found.trials
        ],
        empty="no trial has ended",
    )
    yield ""
    yield f"run {found.run}" + (", under way" if found.is_driven else "")
    yield from found.notes


def _cell(value: object) -> str | None:
    return None if value is None else str(value)


def print_tried(found: Tried) -> None:
    """The last line of an evaluation for programs."""
    click.echo(json_line(found))
    sys.stdout.flush()
