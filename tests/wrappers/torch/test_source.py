"""Networks as Python."""

import pytest
import torch
from torch.utils import _pytree as trees
from zoo import ZOO

from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.torch.source import source


@pytest.mark.parametrize("name", ["lenet", "siamese", "lstm", "convnext", "gpt2", "diffusion"])
def test_source_runs_and_gives_the_same(name, weights_of):
    """With the same keys, in evaluation and in training."""
    torch.manual_seed(0)
    module = ZOO[name].make()
    args, kwargs = ZOO[name].inputs(2, 8)
    captured = capture(module, args, kwargs)
    weights = weights_of(module, captured)
    rebuilt = build(captured.network, weights)
    text = source(captured.network)
    assert "modelhub" not in text
    scope = {}
    exec(compile(text, "source", "exec"), scope)
    found = scope["Network"]()
    assert list(found.state_dict()) == list(module.state_dict())
    found.load_state_dict(module.state_dict())
    for state in captured.network.states:
        if state.tensor:
            found.get_buffer(state.name).copy_(weights[state.name])
    tensors = [each for each in trees.tree_leaves((args, kwargs)) if torch.is_tensor(each)]
    for mode in (False, True):
        results = []
        for each in (rebuilt, found):
            torch.manual_seed(3)
            results.append(trees.tree_leaves(each.train(mode)(*tensors)))
        assert all(map(torch.equal, *results))


def test_lenet_reads_well():
    """Layers with the settings that differ from the usual ones."""
    module = ZOO["lenet"].make()
    text = source(capture(module, *ZOO["lenet"].inputs(2, 8)).network)
    assert (
        "        self.conv1 = nn.Conv2d(in_channels=1, out_channels=20, kernel_size=(5, 5))" in text
    )
    assert "self.ip1 = nn.Linear(in_features=800, out_features=500)\n" in text
    assert "    def forward(self, image):" in text
