"""Pages as HTML."""

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from modelhub.pages import (
    Column,
    Comparison,
    Curve,
    Diagram,
    Fields,
    Kind,
    Page,
    Pair,
    Plot,
    Section,
    Table,
    Vertex,
)
from modelhub.pages.document import as_document, as_fragment, style, style_hash

VOID = {"meta", "link", "input", "br"}


class Reader(HTMLParser):
    """Checks that elements are closed in order, and collects what is said."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.elements: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.elements.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(as_document(page, title="lenet@1"))
    reader.close()
    assert reader.open == []
    return reader


def everything(text: str) -> list[object]:
    vertex = Vertex(name=text, label=text, values=[text], group=text, mark="added")
    inner = Vertex(name=text + "2", label=text, values=[1], reads=[text], inner=[vertex])
    return [
        text,
        Fields(values={text: text}),
        Section(
            title=text, blocks=[Plot(metric=text, curves=[Curve(label=text, points=[(0, 1)])])]
        ),
        Section(title=text, is_folded=True, blocks=[Plot(metric=text, curves=[])]),
        Table(
            columns=[Column(text), Column(text, Kind.NUMBER, has_bar=True)],
            rows=[(text, 1.0), (text, None)],
        ),
        Table(columns=[Column(text, Kind.SHARE), Column(text, Kind.ID)], rows=[(0.5, text)]),
        Table(columns=[], rows=[], empty=text),
        Diagram(title=text, columns=[Column(text)], vertices=[vertex, inner]),
        Table(columns=[Column(text, Kind.COURSE)], rows=[([1.0, 2.0],), (text,)]),
        Comparison(titles=(text, text), pairs=[Pair(before=vertex, after=None, note=text)]),
    ]


@given(
    st.text(min_size=1)
    | st.sampled_from(["<script>alert(1)</script>", '" onload="x', "</style>", "\x00"])
)
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever a stranger writes, the elements are ours and the text is text."""
    plain, strange = read(everything("plain")), read(everything(text.replace("\n", " ")))  # type: ignore[arg-type]

    assert strange.elements == plain.elements
    assert "script" not in strange.elements


def test_characters_that_mislead_are_escaped() -> None:
    """Bidi and control characters do not reach a reader."""
    assert "\\u202e" in as_fragment("a\u202eb")


def test_a_document_may_load_nothing() -> None:
    """The policy allows one style, known by its hash, and no address stands in the document."""
    document = as_document(everything("x"), title="t")  # type: ignore[arg-type]

    assert "default-src 'none'" in document
    assert style_hash() in document
    assert f"<style>{style()}</style>" in document
    assert not re.search(r"https?://|url\(|@import|\sstyle=|\son\w+=", document)


def test_long_curves_make_short_documents() -> None:
    """A hundred thousand points are a few kB of path."""
    curves = [
        Curve(label=str(i), points=[(s, s % 7 + 0.5) for s in range(100_000)]) for i in range(3)
    ]

    assert len(as_document(Plot(metric="loss", curves=curves), title="t")) < 100_000


def test_no_length_is_drawn_of_what_is_no_number() -> None:
    """A text in a column of bars stays a text."""
    columns = [Column("change", Kind.NUMBER, has_bar=True)]

    assert "<rect" not in as_fragment(Table(columns=columns, rows=[("reshaped",)]))


def test_bars_are_as_long_as_their_numbers() -> None:
    """The greatest fills its track, others their part; what is no number has none."""
    columns = [Column("change", Kind.NUMBER, has_bar=True)]
    table = Table(columns=columns, rows=[(2.0,), (0.5,), (float("nan"),), (None,)])
    widths = re.findall(r'<rect width="([^"]*)"', as_fragment(table))

    assert widths == ["100.0", "25.0"]


def test_a_fragment_brings_its_style_and_touches_nothing_else() -> None:
    """In a notebook, every rule is about what stands below `.dlv`, or says which scheme it has."""
    fragment = as_fragment("text")
    outer = re.sub(r"/\*.*?\*/", "", style())
    while "{" in outer:
        outer = re.sub(r"\{[^{}]*\}", ";", outer)
    rules = [each.strip() for each in outer.split(";") if each.strip()]

    assert fragment.startswith('<div class="dlv">')
    assert f"<style>{style()}</style>" in fragment
    assert all(".dlv" in part for rule in rules for part in rule.split(","))


def test_curves_differ_without_colour() -> None:
    """No two of forty have the same colour and dashes; the legend shows them as they are drawn."""
    curves = [Curve(label=f"v@{i}", points=[(0, 1.0), (1, 2.0)]) for i in range(40)]
    document = as_fragment(Plot(metric="loss", curves=curves))
    looks = re.findall(r'<g class="(c\d d\d)">', document.partition('class="logarithmic"')[0])

    assert len(set(looks)) == 40
    assert re.findall(r'<path class="curve (c\d d\d)"', document) == looks


def test_a_course_is_drawn_in_its_cell() -> None:
    """A small picture that says its ends to who cannot see it."""
    table = Table(columns=[Column("loss", Kind.COURSE)], rows=[([3.0, 1.0],), (None,)])
    fragment = as_fragment(table)

    assert fragment.count('class="spark"') == 1
    assert 'aria-label="2 values, from 3 to 1"' in fragment


def test_a_line_passes_rows_of_the_other_side() -> None:
    """In a comparison, a value that is read below a foreign row runs by it."""
    one = Vertex(name="a", label="a")
    two = Vertex(name="b", label="b", reads=["a"])
    pairs = [
        Pair(before=one, after=one),
        Pair(before=None, after=Vertex(name="new", label="new", reads=["a"]), mark="added"),
        Pair(before=two, after=Vertex(name="b", label="b", reads=["new"])),
    ]
    rows = as_fragment(Comparison(titles=("m@1", "m@2"), pairs=pairs)).split("<tr")

    assert "M7 0V28" in rows[3]
    assert rows[3].count("<circle") == 1
