"""Documents as a reader sees them, in a real browser."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from modelhub.pages import (
    Column,
    Curve,
    Diagram,
    Estimate,
    Kind,
    Plot,
    Section,
    Table,
    Vertex,
    as_document,
)

INNER = [
    Vertex(name="attention", label="attention", group="ATTENTION", values=[64]),
    Vertex(name="mlp", label="mlp", group="FULL", values=[128], reads=["attention"]),
]
CONTENT = [
    Section(
        title="Training",
        blocks=[
            Plot(
                metric="loss",
                curves=[
                    Curve(label=f"m@{n}", points=[(s, n / (s + 1)) for s in range(100)])
                    for n in (1, 2)
                ],
            )
        ],
    ),
    Diagram(
        title="layer",
        columns=[Column("parameters", Kind.COUNT)],
        vertices=[
            Vertex(name="x", label="x", group="INPUT", values=[0]),
            Vertex(name="layers", label="layers.0…3", values=[192], reads=["x"], inner=INNER),
            Vertex(name="head", label="head", group="FULL", values=[9], reads=["layers", "x"]),
        ],
    ),
    Table(
        columns=[Column("tensor"), Column("change", Kind.NUMBER, has_bar=True)],
        rows=[("w" * 300, 1.0)],
    ),
]


CONTRAST = """() => {
  const light = text => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255);
    const [r, g, b] = parts.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = getComputedStyle(document.body).backgroundColor;
  const seen = [...document.querySelectorAll("main *")].filter(each =>
    [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
  return seen.map(each => {
    const style = getComputedStyle(each);
    const ink = each instanceof SVGElement ? style.fill : style.color;
    const [low, high] = [light(ink), light(ground)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
}"""
RELATIVE = Table(
    columns=[Column("tensor"), Column("change", Kind.NUMBER, has_bar=True)],
    rows=[("w", 2.0), ("b", Estimate(0.5)), ("new", "added")],
)


@pytest.fixture
def document(page: Page, tmp_path: Path) -> Page:
    place = tmp_path / "page.html"
    place.write_text(as_document(CONTENT, title="m@2"))
    page.goto(place.as_uri())
    return page


def test_scales_are_chosen_without_scripts(document: Page) -> None:
    """The log scale and the smoothed curve appear and go by the keyboard."""
    linear, logarithmic = document.locator("g.linear"), document.locator("g.logarithmic")
    expect(linear).to_be_visible()
    expect(logarithmic).to_be_hidden()

    document.get_by_label("log scale").focus()
    document.keyboard.press("Space")

    expect(logarithmic).to_be_visible()
    expect(linear).to_be_hidden()
    expect(document.locator("g.logarithmic path.smooth").first).to_be_hidden()
    document.get_by_label("smooth").check()
    expect(document.locator("g.logarithmic path.smooth").first).to_be_visible()


def test_a_block_is_unfolded_by_the_keyboard(document: Page) -> None:
    """What a repeated block consists of is hidden until somebody asks."""
    expect(document.get_by_text("attention")).to_be_hidden()
    document.locator("summary", has_text="layers.0…3").focus()
    document.keyboard.press("Enter")

    expect(document.get_by_text("attention")).to_be_visible()


def test_the_rails_meet_the_next_row(document: Page) -> None:
    """Rows stand without a gap, so that a line can be followed from one to the next."""
    boxes = [each.bounding_box() for each in document.locator(".diagram > div .rail").all()]
    summary = document.locator("summary .rail").bounding_box()
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert summary is not None

    assert boxes[0]["y"] + boxes[0]["height"] == pytest.approx(summary["y"], abs=1)
    assert summary["y"] + summary["height"] == pytest.approx(boxes[1]["y"], abs=1)


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_is_wider_than_the_window(document: Page, width: int) -> None:
    """A phone scrolls tables, not the page."""
    document.set_viewport_size({"width": width, "height": 800})

    assert document.evaluate("document.documentElement.scrollWidth") <= width


def test_the_dark_scheme_is_dark(document: Page) -> None:
    """Who prefers dark pages sees light text on dark ground."""
    document.emulate_media(color_scheme="dark")
    ground, ink = document.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )

    assert ground == "rgb(13, 17, 23)"
    assert ink == "rgb(230, 237, 243)"


def test_the_first_tab_skips_to_the_content(document: Page) -> None:
    """A reader without a mouse need not go through what stands before."""
    document.keyboard.press("Tab")

    expect(document.get_by_text("Skip to content")).to_be_focused()


def test_bars_are_drawn_in_proportion(page: Page, tmp_path: Path) -> None:
    """They begin below each other, and a quarter of the number is a quarter of the length."""
    place = tmp_path / "bars.html"
    place.write_text(as_document(RELATIVE, title="bars"))
    page.goto(place.as_uri())
    boxes = [each.bounding_box() for each in page.locator(".bar rect:not(.track)").all()]
    whole, part = (each for each in boxes if each is not None)

    assert part["x"] == pytest.approx(whole["x"], abs=0.5)
    assert part["width"] == pytest.approx(whole["width"] / 4, abs=0.5)
    expect(page.locator("tbody tr").nth(1)).to_contain_text("~0.5")


def test_overlaid_curves_have_a_legend(document: Page) -> None:
    """A curve for each version, drawn as its legend shows it, and told apart by dashes."""
    curves = document.locator("g.linear path.raw")
    legend = document.locator(".legend li")
    dashes = curves.evaluate_all("found => found.map(e => getComputedStyle(e).strokeDasharray)")
    shown = legend.locator("path").evaluate_all(
        "found => found.map(e => getComputedStyle(e).strokeDasharray)"
    )

    expect(curves).to_have_count(2)
    expect(legend).to_have_count(2)
    expect(legend.first).to_contain_text("m@1")
    assert dashes == shown
    assert len(set(dashes)) == 2


def test_columns_of_a_diagram_stand_below_their_titles(document: Page) -> None:
    """In every row, whatever its rails."""
    rows = document.locator(".diagram > .vertex").all()
    edges = [box for each in rows if (box := each.locator("span").last.bounding_box())]

    assert len(edges) == 3
    assert all(each["x"] == pytest.approx(edges[0]["x"], abs=1) for each in edges)
    assert all(each["width"] == pytest.approx(edges[0]["width"], abs=1) for each in edges)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(document: Page, scheme: Literal["light", "dark"]) -> None:
    """The contrast of every text is at least 4.5, as WCAG's level AA asks for."""
    document.emulate_media(color_scheme=scheme)
    ratios = document.evaluate(CONTRAST)

    assert ratios
    assert min(ratios) >= 4.5
