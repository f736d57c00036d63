"""Which names become operators."""

import operator

import pytest
import torch

from modelhub.errors import InputError
from modelhub.wrappers.torch.targets import (
    argument_names,
    base_of,
    function_of,
    gives_several,
    name_of,
)

aten = torch.ops.aten


@pytest.mark.parametrize(
    "function",
    [aten.conv2d.default, aten.add.Tensor, aten.lstm.input, aten.__and__.Tensor, operator.mul],
)
def test_names_lead_back(function):
    """A name is its operator's, and the operator its name's."""
    assert function_of(name_of(function)) is function


@pytest.mark.parametrize(
    "name",
    [
        *("aten::from_file.default", "aten::save.default", "aten::set_.source_Storage"),
        *("aten::_cslt_compress.default", "aten::nothing.default", "aten::add.nothing"),
        *("prim::load.default", "python::os.system", "python::operator.attrgetter"),
        *("aten::conv2d", "aten::__class__.default", "os::system.default", ""),
        *("aten::_flash_attention_backward.default", "python::builtins.eval"),
    ],
)
def test_all_else_is_refused(name):
    """Files, storages, kernels that trust their callers, Python."""
    with pytest.raises(InputError, match="not one that can be run"):
        function_of(name)


def test_functions_without_a_name():
    """What a network cannot hold has none."""
    assert name_of(print) is None


def test_what_operators_give_and_take():
    """By their schemas."""
    assert gives_several(aten.split.Tensor)
    assert gives_several(aten.lstm.input)
    assert not gives_several(aten.relu.default)
    assert not gives_several(operator.mul)
    assert argument_names(aten.dropout.default) == ["input", "p", "train"]
    assert base_of(aten.conv2d.default) == "conv2d"
    assert base_of(operator.mul) == "mul"
