"""Pages as HTML: one file each, readable without scripts, network or other files.

What is shown may come from strangers: every text is escaped, characters that mislead a reader
are written as escapes, and the document's own policy allows nothing but its one style.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from modelhub.pages.bars import length, longest
from modelhub.pages.blocks import (
    RIGHT,
    Column,
    Comparison,
    Diagram,
    Fields,
    Kind,
    Page,
    Pair,
    Plot,
    Section,
    Table,
    Vertex,
    blocks_of,
)
from modelhub.pages.characters import cells, visible
from modelhub.pages.curves import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, chart, last_of
from modelhub.pages.curves import RIGHT as RIGHT_MARGIN
from modelhub.pages.rails import LANE, ROW, Rail, beside, rails
from modelhub.pages.spark import spark_path
from modelhub.pages.wording import spoken

COLOURS, DASHES = 8, 5  # as in style.css; they have no common divisor
CELL_SIZES, BAR_CELLS = (8, 12, 16, 24, 32, 48, 64), 14  # as in style.css, in characters
SPARK_WIDTH, SPARK_HEIGHT = 72, 14  # units of the picture, as in style.css

_TEMPLATE_OF = {
    Table: "table",
    Fields: "fields",
    Section: "section",
    Plot: "plot",
    Diagram: "diagram",
    Comparison: "comparison",
    str: "text",
}


def as_document(page: Page, *, title: str) -> str:
    """A page as an HTML document of its own.

    Cost: linear in the page; a plot takes at most some kB, however long its curves are.
    """
    template = _environment().get_template("document.html")
    return template.render(title=visible(title), content=_content(page), style=style())


def as_fragment(page: Page) -> Markup:
    """A page as a part of somebody's document, as a cell of a notebook; it brings its style."""
    template = _environment().get_template("fragment.html")
    return Markup(template.render(content=_content(page), style=style()))  # noqa: S704 - escaped


def _content(page: Page) -> Markup:
    """The blocks, one after the other; plots that follow each other stand side by side."""
    parts = []
    for are_plots, blocks in groupby(blocks_of(page), lambda each: isinstance(each, Plot)):
        found = Markup("\n").join(map(_block, blocks))
        parts.append(
            Markup('<div class="plots">\n{}\n</div>').format(found) if are_plots else found
        )
    return Markup("\n").join(parts)


@cache
def style() -> str:
    """The one style sheet."""
    return files("modelhub.pages").joinpath("static/style.css").read_text(encoding="utf-8")


@cache
def style_hash() -> str:
    """The hash by which a content security policy allows the style."""
    return "sha256-" + b64encode(sha256(style().encode()).digest()).decode()


def _block(block: object) -> Markup:
    name = next(name for kind, name in _TEMPLATE_OF.items() if isinstance(block, kind))
    template = _environment().get_template(f"{name}.html")
    return Markup(template.render(block=block))  # noqa: S704 - a template escapes


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("modelhub.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["spoken"] = _spoken
    found.filters["visible"] = visible
    found.globals.update(
        content_of=_content,
        chart=chart,
        rails=_rails,
        columns=_columns,
        longest=longest,
        width_of=_width_of,
        bar=_bar,
        look=_look,
        cell_sizes=_cell_sizes,
        last_of=last_of,
        spark={"width": SPARK_WIDTH, "height": SPARK_HEIGHT},
        spark_path=_spark_path,
        curve_frame={
            "width": WIDTH,
            "height": HEIGHT,
            "left": LEFT,
            "right": WIDTH - RIGHT_MARGIN,
            "top": TOP,
            "bottom": HEIGHT - BOTTOM,
        },
        lane=LANE,
        row=ROW,
        style_hash=style_hash,
        sides=_sides,
        Kind=Kind,
    )
    return found


def _spoken(value: object, kind: Kind = Kind.TEXT) -> str:
    return spoken(value, kind)


def _columns(columns: Sequence[Column], first: int = 1) -> str:
    """The classes that say of which columns numbers stand right, and which hold ids."""
    kinds = [(place, each.kind) for place, each in enumerate(columns, start=first)]
    right = [f"right-{place}" for place, kind in kinds if kind in RIGHT]
    return " ".join([*right, *(f"id-{place}" for place, kind in kinds if kind is Kind.ID)])


def _rails(vertices: Sequence[Vertex]) -> list[Rail]:
    return rails([each.name for each in vertices], {each.name: each.reads for each in vertices})


def _width_of(placed: Sequence[Rail]) -> int:
    """How wide the rails of some rows are together."""
    lanes = [lane for each in placed for lane in (each.lane, *each.through)]
    return LANE * (1 + max(lanes, default=0)) + 4


def _sides(pairs: Sequence[Pair]) -> tuple[list[Rail], list[Rail]]:
    """The rails of both sides of a comparison, for every row."""
    return _side([each.before for each in pairs]), _side([each.after for each in pairs])


def _side(vertices: Sequence[Vertex | None]) -> list[Rail]:
    placed = iter(_rails([each for each in vertices if each is not None]))
    return beside([None if each is None else next(placed) for each in vertices])


def _bar(value: object, most: float) -> float | None:
    """How long a bar is, from 0 to 100; None for what has none."""
    share = length(value, most)
    return None if share is None else round(100 * share, 1)


def _spark_path(values: object) -> str | None:
    return spark_path(values, SPARK_WIDTH, SPARK_HEIGHT) if isinstance(values, list) else None


def _cell_sizes(diagram: Diagram) -> list[str]:
    """For each column, the class of its width: the least that holds it, or else the widest."""
    found = []
    for place, column in enumerate(diagram.columns):
        values = [each.values[place] for _, each in diagram.unfolded() if place < len(each.values)]
        texts = [column.title, *(spoken(value, column.kind) for value in values)]
        needed = max(map(cells, texts)) + (BAR_CELLS if column.has_bar else 0)
        size = next((each for each in CELL_SIZES if each >= needed), CELL_SIZES[-1])
        found.append(f"w{size}")
    return found


def _look(number: int) -> str:
    """The classes of a curve: a colour, and dashes that tell it without one."""
    return f"c{number % COLOURS} d{number % DASHES}"
