"""Example inputs by kind of model."""

import pytest
import torch
from zoo import ZOO

from modelhub.wrappers.transformers.inputs import example_inputs


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("bert", {"input_ids": (2, 8)}),
        ("t5", {"input_ids": (2, 8), "decoder_input_ids": (2, 8)}),
        ("vit", {"pixel_values": (2, 3, 32, 32)}),
        ("clip", {"input_ids": (2, 8), "pixel_values": (2, 3, 32, 32)}),
        ("whisper", {"input_features": (2, 8, 32), "decoder_input_ids": (2, 8)}),
    ],
)
def test_inputs_that_the_model_runs_on(name, wanted):
    """Tokens, pictures, spectra; caches are off."""
    model = ZOO[name].make().eval()
    found = example_inputs(model)
    assert {k: tuple(v.shape) for k, v in found.items() if torch.is_tensor(v)} == wanted
    assert found.get("use_cache", False) is False
    with torch.no_grad():
        model(**found)
