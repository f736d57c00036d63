"""Pages: what is shown of values, as text, Markdown, CSV or HTML."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from modelhub.pages.blocks import (
    Block,
    Column,
    Comparison,
    Curve,
    Diagram,
    Estimate,
    Fields,
    Kind,
    Page,
    Pair,
    Plot,
    Section,
    Table,
    Vertex,
)
from modelhub.pages.characters import cells, shortened, visible
from modelhub.pages.curves import thinned
from modelhub.pages.markdown import as_markdown
from modelhub.pages.separated import as_csv
from modelhub.pages.text import Look, as_text
from modelhub.pages.wording import counted, human_count, human_shape, human_size, spoken

if TYPE_CHECKING:
    from modelhub.pages.document import as_document, as_fragment, style

__all__ = [
    "Block",
    "Column",
    "Comparison",
    "Curve",
    "Diagram",
    "Estimate",
    "Fields",
    "Kind",
    "Look",
    "Page",
    "Pair",
    "Plot",
    "Section",
    "Table",
    "Vertex",
    "as_csv",
    "as_document",
    "as_fragment",
    "as_markdown",
    "as_text",
    "cells",
    "counted",
    "human_count",
    "human_shape",
    "human_size",
    "shortened",
    "spoken",
    "style",
    "thinned",
    "visible",
]


def __getattr__(name: str) -> Any:
    """What makes HTML is loaded when it is asked for: most commands print text."""
    if name in {"as_document", "as_fragment", "style"}:
        return getattr(import_module("modelhub.pages.document"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
