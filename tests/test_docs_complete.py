"""The documents name what exists, and what exists is named."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
PAPER = ROOT / "docs/paper.md"
GLOSSARY = ROOT / "docs/glossary.md"
PARTS = {"codec", "plans"}


def where(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """A page without its blocks and code."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(path: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def rows(page: Path, section: str = "") -> Iterator[list[str]]:
    """The cells of the rows of a page's tables, without heads; of all sections, or of one."""
    text = page.read_text()
    if section:
        text = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        for line in table.splitlines()[2:]:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def mapped() -> list[list[str]]:
    return [row for row in rows(PAPER) if len(row) == 4]


@pytest.mark.parametrize("page", PAGES, ids=where)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Pages, pictures and headings that a page links to exist."""
    for target, anchor in LINK.findall(prose(page)):
        found = (page.parent / target) if target else page
        assert found.exists(), f"{where(page)} links to {target}"
        assert not anchor or anchor in anchors(found), f"{where(page)} links to {target}#{anchor}"


@pytest.mark.parametrize("row", mapped(), ids=lambda row: row[0])
def test_the_paper_is_mapped_to_what_exists(row: list[str]) -> None:
    """What is here names its code and its proof, which exist; what is to come, its part."""
    _, state, code, proof = row
    paths = re.findall(r"`([^`]+)`", code + proof)

    assert re.fullmatch(r"here.*|to come: .*", state)
    assert not [path for path in paths if not (ROOT / path).exists()]
    assert set(re.findall(r"to come: (\w+)", state)) <= PARTS
    assert bool(code and proof) == state.startswith("here")


def test_each_missing_part_says_what_it_brings() -> None:
    """The parts that rows are waiting for are explained, and no others."""
    assert {part for part, _ in rows(PAPER, "To come")} == PARTS


def test_the_glossary_is_sorted_and_has_no_word_twice() -> None:
    """A word is looked up by the alphabet, and means one thing."""
    words = [row[0].strip("`").lower() for row in rows(GLOSSARY, "Words in the code")]

    assert len(words) > 50
    assert words == sorted(set(words), key=lambda word: word.replace(" ", ""))
