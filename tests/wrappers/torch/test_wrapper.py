"""What the registries know of PyTorch."""

import torch
from torch import nn

from modelhub.wrappers.networks import MODULES


def test_capture_build_and_source():
    """Through the registry, as the repository does it."""
    torch_modules = MODULES.get("torch")
    module = nn.Sequential(nn.Linear(3, 2)).eval()
    captured = torch_modules.capture(module, [torch.zeros(1, 3)])
    built = torch_modules.build(captured.network, torch_modules.state(module))
    x = torch.randn(4, 3)
    assert torch.equal(built(x), module(x))
    assert "nn.Linear(in_features=3, out_features=2)" in torch_modules.source(captured.network)
