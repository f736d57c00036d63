"""Our templates keep the contract, and it finds those that do not."""

import pytest

from modelhub.network import TEMPLATES, Template
from modelhub.testing import TemplateContract


class TestOurs(TemplateContract):
    """Each of ours."""

    @pytest.fixture(params=TEMPLATES)
    def template(self, request):
        return TEMPLATES[request.param]


def test_a_taken_word_is_found() -> None:
    """A stranger cannot give `LINEAR` another meaning."""
    stranger = Template(name="KERNEL", summary="a kernel machine", aliases=("LINEAR",))
    with pytest.raises(AssertionError):
        TemplateContract().test_it_takes_no_word_that_has_a_meaning(stranger)


@pytest.mark.parametrize("name", ["conv", "A B", ""])
def test_a_name_that_no_query_can_say_is_found(name: str) -> None:
    """Names are capitals."""
    with pytest.raises(AssertionError):
        TemplateContract().test_its_names_are_words_of_queries(Template(name=name, summary="x"))


def test_an_empty_summary_is_found() -> None:
    """People read it in a list."""
    with pytest.raises(AssertionError):
        TemplateContract().test_it_says_what_it_computes(Template(name="A", summary=""))


def test_an_attribute_without_names_is_found() -> None:
    """It could not be on any node."""
    empty = Template(name="A", summary="x", attributes={"kernel": ()})
    with pytest.raises(AssertionError):
        TemplateContract().test_its_attributes_are_found_on_nodes(empty)
