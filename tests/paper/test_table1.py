"""Table I: architectures as regular expressions over layers, here over captured networks."""

import re

import pytest
import zoo

from modelhub.network import layer_graph

LETTERS = {"CONV": "c", "POOL": "p", "FULL": "i"}


def word(name: str) -> str:
    """The layers with weights and the pools of a captured network, a letter each, in order."""
    _, found = zoo.captured(name)
    templates = [node.template for node in layer_graph(found.network).layers]
    return "".join(LETTERS.get(template or "", "") for template in templates)


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("lenet", "(cp){2}i{2}"),
        ("alexnet", "(cp){2}c{3}p+i{3}"),  # p+: this one ends in an adaptive pool, too
        ("vgg16", "(c{2}p){2}(c{3}p){3}pi{2}"),  # i{2}: a head of two, for the test is small
        ("resnet50", "cpc+pi"),
    ],
)
def test_architectures(name: str, expression: str) -> None:
    """The paper's L_conv, L_pool and L_ip are the templates CONV, POOL and FULL."""
    assert re.fullmatch(expression, word(name))


def test_the_weights_of_lenet() -> None:
    """Its row says 4.31 * 10^5."""
    module, _ = zoo.captured("lenet")
    assert sum(each.numel() for each in module.parameters()) == 431_080
