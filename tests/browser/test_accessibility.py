"""Pages by the rules of WCAG 2.2, level AA, as axe-core checks them."""

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("list", "--sort", "loss"),
        ("log", "wide"),
        ("desc", "net"),
        ("diff", "net", "wide"),
        ("diff", "net", "wide", "net"),
        ("du",),
        ("eval", "net", "wide", "--data", "data.npz", "--per-class"),
        ("query", "select m.name, m.loss"),
    ],
    ids=" ".join,
)
def test_no_rule_is_broken(seen, command: tuple[str, ...], scheme) -> None:
    """Names, roles, order of headings, contrast, tables, keyboard."""
    page = seen(*command)
    page.emulate_media(color_scheme=scheme)
    found = Axe().run(page, options=RULES)

    assert found.response["passes"]
    assert found.violations_count == 0, found.generate_report()


def test_a_broken_rule_is_found(seen) -> None:
    """The check itself works."""
    page = seen("list")
    page.evaluate("document.querySelector('main').append(new Image())")

    assert "image-alt" in Axe().run(page, options=RULES).generate_report()
