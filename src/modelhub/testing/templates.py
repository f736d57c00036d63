"""What every `modelhub.network.Template` keeps to."""

import re

import pytest

from modelhub.network import ALIASES, TEMPLATES, Node, Template, standard_attributes

WORD = re.compile(r"[A-Z][A-Z0-9_]*")  # what a query says
KIND = re.compile(r"[A-Z0-9_]+")  # stands in quotes there
ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*")


class TemplateContract:
    """Inherit, define `template`, and run it with pytest."""

    @pytest.fixture
    def template(self) -> Template:
        """The template under test, as its entry point gives it."""
        raise NotImplementedError

    def test_its_names_are_words_of_queries(self, template: Template) -> None:
        """Name, kinds and aliases are capitals, digits and `_`; none stands twice."""
        names = [template.name, *template.aliases]

        assert all(WORD.fullmatch(word) for word in names)
        assert all(KIND.fullmatch(word) for word in template.kinds)
        assert len(set(names)) == len(names)
        assert len(set(template.kinds)) == len(template.kinds)

    def test_it_takes_no_word_that_has_a_meaning(self, template: Template) -> None:
        """A word of ours keeps its meaning, whatever is installed."""
        if TEMPLATES.get(template.name) == template:
            return  # it is ours
        taken = {*TEMPLATES, *ALIASES}

        assert not taken & {template.name, *template.aliases}

    def test_it_says_what_it_computes(self, template: Template) -> None:
        """The summary is one line."""
        assert template.summary.strip() == template.summary
        assert template.summary.isprintable()
        assert template.summary

    def test_its_attributes_are_found_on_nodes(self, template: Template) -> None:
        """Each standard attribute names what frameworks call it; the first one there counts."""
        assert all(ATTRIBUTE.fullmatch(name) and found for name, found in self._names(template))
        for standard, names in self._names(template):
            node = Node(name="a", op="layer", template=template.name, attributes={names[-1]: 1})

            assert standard_attributes(node)[standard] == 1

    def _names(self, template: Template) -> list[tuple[str, list[str]]]:
        return [(standard, list(names)) for standard, names in template.attributes.items()]
