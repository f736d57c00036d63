"""The terminal: who is there, and how wide it is."""

import os
import shutil
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at the stream, on a terminal that can move its cursor.

    A stream that was closed before we began is None.
    """
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def has_style(stream: TextIO | None) -> bool:
    """Whether bold text is wanted: on a terminal, and without `NO_COLOR`."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def output_width(stream: TextIO | None) -> int | None:
    """The columns of the terminal that the stream goes to; None if it goes elsewhere."""
    is_seen = stream is not None and stream.isatty()
    return shutil.get_terminal_size().columns if is_seen else None
