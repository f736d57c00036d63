"""The live table of trials; `modelhub.cli.trials` imports this module when it first draws."""

import sys
import time

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from modelhub.cli.trials import RUNNING, settings, shown_metrics
from modelhub.dql import TriedNetwork
from modelhub.pages import visible

_ENDED = 8  # trials that ended last and are shown
_FALLING = ("loss", "error", "mse", "rmse", "mae", "perplexity")


class LiveTable:
    """The trials that run, those that ended last, and the best so far; on stderr."""

    def __init__(self) -> None:
        self._trials: dict[int, TriedNetwork] = {}
        self._count = 0
        self._begun = time.monotonic()
        self._live = Live(console=Console(file=sys.stderr), transient=True, auto_refresh=False)
        self._live.start()

    def update(self, trial: TriedNetwork, count: int) -> None:
        """Draw a trial anew."""
        self._trials.pop(trial.trial, None)
        self._trials[trial.trial] = trial
        self._count = count
        self._live.update(Group(self._table(), self._line()), refresh=True)

    def close(self) -> None:
        """Take the table away."""
        self._live.stop()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for title in ("trial", "network and settings", "state", "step", "metrics"):
            table.add_column(title)
        running = [each for each in self._trials.values() if each.state == RUNNING]
        ended = [each for each in self._trials.values() if each.state != RUNNING]
        for each in [*ended[-_ENDED:], *running]:
            metrics = ", ".join(f"{n} {v:.4g}" for n, v in shown_metrics(each).items())
            cells = (str(each.trial), each.network + settings(each), each.state, str(each.step))
            table.add_row(*(Text(visible(cell)) for cell in (*cells, metrics)))
        return table

    def _line(self) -> Text:
        done = sum(each.state != RUNNING for each in self._trials.values())
        line = f"{done} of {self._count} trials"
        if 0 < done < self._count:
            left = (time.monotonic() - self._begun) / done * (self._count - done)
            line += f", about {left:.0f} s left"
        return Text(visible(line + self._best()))

    def _best(self) -> str:
        """The best so far by the first metric that all report."""
        known = [each for each in self._trials.values() if each.metrics]
        name = "loss" if any("loss" in each.metrics for each in known) else None
        name = name or next((n for each in known for n in each.metrics), None)
        told = [each for each in known if name in each.metrics]
        if name is None or not told:
            return ""
        better = min if name.endswith(_FALLING) else max
        best = better(told, key=lambda each: each.metrics[name])
        return f"; best so far: trial {best.trial}, {name} {best.metrics[name]:.4g}"
