"""Nothing is left behind."""

import logging
import warnings

import torch
from torch import nn

from modelhub.wrappers.torch.calm import calm, in_mode


def test_random_numbers_noise_and_fast_paths_are_as_before(caplog):
    """Warnings and logs are silent inside, and the next draw is the same."""
    torch.manual_seed(3)
    wanted = torch.rand(2)
    torch.manual_seed(3)
    with torch.no_grad(), calm():
        assert torch.is_grad_enabled()
        torch.rand(5)
        warnings.warn("noise", stacklevel=1)
        logging.getLogger("torch").error("noise")
    assert torch.equal(torch.rand(2), wanted)
    assert "noise" not in caplog.text
    assert torch.backends.mha.get_fastpath_enabled()


def test_each_part_goes_back_to_its_own_mode():
    """A frozen part of a module in training stays frozen."""
    module = nn.Sequential(nn.Dropout(), nn.BatchNorm1d(2))
    module[1].eval()
    with in_mode(module, training=False):
        assert not any(part.training for part in module.modules())
    assert [part.training for part in module.modules()] == [True, True, False]
