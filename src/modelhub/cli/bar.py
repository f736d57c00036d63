"""The progress bar; `modelhub.cli.progress` imports this module when it first draws."""

import sys

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from modelhub.pages import visible


class RichBar:
    """A bar on stderr, a line for each label, gone without a trace when closed."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(binary_units=True),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._progress.start()

    def update(self, label: str, done: int, total: int) -> None:
        """Draw how far `label` is."""
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(visible(label), total=None)
        self._progress.update(self._tasks[label], completed=done, total=total or None)

    def close(self) -> None:
        """Take the bar away."""
        self._progress.stop()
