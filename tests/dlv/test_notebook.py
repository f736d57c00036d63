"""What a notebook shows."""

import numpy as np

from modelhub.dlv import describe, diff
from modelhub.dlv.repository import ROWS
from modelhub.pages import as_fragment


def test_texts_are_escaped(repository, state) -> None:
    """A message is text, never markup."""
    version = repository.commit("net", state, message="<script>alert(1)</script>")
    for shown in (
        version._repr_html_(),
        repository._repr_html_(),
        version.description._repr_html_(),
    ):
        assert "<script>" not in shown
        assert "&lt;script&gt;" in shown
        assert "net@1" in shown


def test_values_of_operations_are_shown_as_pages(repository, state) -> None:
    """The same blocks as in a browser, below a style that touches nothing else."""
    repository.commit("net", state)
    repository.commit("net", state | {"conv.bias": state["conv.bias"] + 1})
    found = diff(repository, "net@1", "net@2")._repr_html_()

    assert found.startswith('<div class="dlv">')
    assert "relative change" in found
    assert "Storage" in describe(repository, "net")._repr_html_()


def test_a_large_repository_is_shown_in_part(repository) -> None:
    """With how many versions there are besides."""
    for number in range(ROWS + 2):
        repository.commit(f"net{number:02}", {"w": np.full(2, number)})
    shown = repository._repr_html_()

    assert shown.count('class="rail') == ROWS
    assert "2 versions more" in shown
    assert len(shown) < 100_000 < len(as_fragment("x")) * 20
