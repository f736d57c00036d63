"""Pages as HTML: one file each, readable without scripts, network or other files.

What is shown may come from strangers: every text is escaped, characters that mislead a reader
are written as escapes, and the document's own policy allows nothing but its one style.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

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
from modelhub.pages.characters import visible
from modelhub.pages.curves import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, chart
from modelhub.pages.curves import RIGHT as RIGHT_MARGIN
from modelhub.pages.rails import LANE, ROW, Rail, beside, rails
from modelhub.pages.wording import spoken

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
    return template.render(title=visible(title), content=as_fragment(page), style=style())


def as_fragment(page: Page) -> Markup:
    """A page as the inner part of a document, which brings the style."""
    return Markup("\n").join(_block(each) for each in blocks_of(page))


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
        fragment=as_fragment,
        chart=chart,
        rails=_rails,
        columns=_columns,
        greatest=_greatest,
        width_of=_width_of,
        bar=_bar,
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


def _greatest(table: Table, position: int) -> float:
    """The greatest number of a column, for bars; 1 for shares."""
    column: Column = table.columns[position]
    if column.kind is Kind.SHARE:
        return 1.0
    numbers = [v for row in table.rows if isinstance(v := row[position], int | float)]
    return max(numbers, default=0.0)


def _bar(value: object, greatest: float) -> float:
    """How long a bar is, from 0 to 100."""
    if not isinstance(value, int | float) or not 0 < value <= greatest:
        return 0.0
    return round(100 * value / greatest, 1)
