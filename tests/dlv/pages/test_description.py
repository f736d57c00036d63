"""What people see of one version."""

from small_networks import small_captured, small_state

from modelhub.dlv import CommitOptions, commit_state, describe
from modelhub.dlv.pages.description import PLOTS, description_document, description_page
from modelhub.pages import Diagram, Plot, Section, Table


def sections(blocks) -> dict[str, Section]:
    return {each.title: each for each in blocks if isinstance(each, Section)}


def test_layers_are_drawn_where_they_can_be(repository) -> None:
    """A table for a terminal, a diagram for a browser; neither without a network."""
    options = CommitOptions(network=small_captured())
    commit_state(repository, "net", small_state(1), options=options)
    found = describe(repository, "net")
    drawn = sections(description_document(repository, found))["Network"].blocks[-1]

    assert isinstance(drawn, Diagram)
    assert isinstance(sections(description_page(found))["Network"].blocks[-1], Table)
    bare = repository.commit("bare", {"w": small_state(1)["conv.weight"]})
    assert isinstance(description_document(repository, bare.description), list)


def test_storage_is_drawn_as_bars(repository, state) -> None:
    """All in bytes, on one scale."""
    found = describe(repository, repository.commit("net", state).id)
    (table,) = sections(description_page(found))["Storage"].blocks
    sizes = dict(table.rows)

    assert table.columns[1].has_bar
    assert sizes["stored"] == sizes["  shared with other versions"] + sizes["  exclusive"]


def test_results_are_plotted_and_settings_are_not(repository, root) -> None:
    """As many as people look at, the most telling first."""
    names = ["lr", "epoch", "a", "b", "c", "d", "val_loss"]
    folder = root / "run"
    folder.mkdir()
    lines = [",".join(["step", *names]), *(",".join([str(i)] * 8) for i in range(3))]
    (folder / "metrics.csv").write_text("\n".join(lines) + "\n")
    found = describe(repository, repository.commit("net", folder).id)
    blocks = sections(description_page(found))["Metrics over training"].blocks
    plots = [each.metric for each in blocks if isinstance(each, Plot)]

    assert plots == ["val_loss", "a", "b", "c"]
    assert len(plots) == PLOTS
