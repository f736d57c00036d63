"""Networks as Python."""

import pytest
import torch
from torch.utils import _pytree as trees
from zoo import ZOO, captured

from modelhub.wrappers.torch.build import build
from modelhub.wrappers.torch.source import source


@pytest.mark.parametrize("name", ["lenet", "siamese", "lstm", "convnext", "gpt2", "diffusion"])
def test_source_runs_and_gives_the_same(name, weights_of):
    """With the same keys, in evaluation and in training."""
    module, found = captured(name)
    args, kwargs = ZOO[name].inputs(2, 8)
    weights = weights_of(module, found)
    rebuilt = build(found.network, weights)
    text = source(found.network)
    assert "modelhub" not in text
    scope = {}
    exec(compile(text, "source", "exec"), scope)
    written = scope["Network"]()
    assert list(written.state_dict()) == list(module.state_dict())
    written.load_state_dict(module.state_dict())
    for state in found.network.states:
        if state.tensor:
            written.get_buffer(state.name).copy_(weights[state.name])
    tensors = [each for each in trees.tree_leaves((args, kwargs)) if torch.is_tensor(each)]
    for mode in (False, True):
        results = []
        for each in (rebuilt, written):
            torch.manual_seed(3)
            results.append(trees.tree_leaves(each.train(mode)(*tensors)))
        assert all(map(torch.equal, *results))


def test_lenet_reads_well():
    """Layers with the settings that differ from the usual ones."""
    text = source(captured("lenet")[1].network)
    assert (
        "        self.conv1 = nn.Conv2d(in_channels=1, out_channels=20, kernel_size=(5, 5))" in text
    )
    assert "self.ip1 = nn.Linear(in_features=800, out_features=500)\n" in text
    assert "    def forward(self, image):" in text
