"""The pages that commands write, as a reader sees them."""

from playwright.sync_api import expect


def test_list_draws_the_lineage(seen) -> None:
    """A child stands below its parent, and its message is text."""
    page = seen("list")

    expect(page.locator("h1")).to_have_text("Models")
    expect(page.locator(".diagram .vertex").nth(1)).to_contain_text("net@1")
    expect(page.locator(".diagram .vertex").nth(2)).to_contain_text("<wider>")


def test_desc_draws_the_network(seen) -> None:
    """Layers in execution order with what they cost."""
    page = seen("desc", "net")
    rows = page.locator(".diagram .vertex")

    expect(page.locator("h1")).to_have_text("net@1")
    expect(rows).to_have_count(6)
    expect(rows.nth(2)).to_contain_text("FULL")
    expect(rows.nth(2)).to_contain_text("1x8")


def test_diff_draws_networks_side_by_side(seen) -> None:
    """The widened layer is one marked row, on both sides."""
    page = seen("diff", "net", "wide")
    changed = page.locator("tr.changed")

    expect(changed).to_have_count(1)
    expect(changed).to_contain_text("out_features 8 → 16")
    expect(page.locator("table.comparison th").first).to_have_text("net@1")


def test_eval_shows_its_table(seen) -> None:
    """Versions beside each other."""
    page = seen("eval", "net", "wide", "--data", "data.npz")

    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.get_by_text("accuracy")).to_be_visible()
