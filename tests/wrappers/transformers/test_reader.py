"""Folders of Hugging Face."""

import json

import pytest
import torch
from zoo import ZOO

from modelhub.errors import InputError
from modelhub.wrappers.networks import NETWORK_READERS
from modelhub.wrappers.torch.build import build
from modelhub.wrappers.transformers.reader import MAX_BYTES

READER = NETWORK_READERS.get("transformers")


def test_the_network_of_a_configuration_fits_the_weights(tmp_path):
    """gpt2 from its config.json computes what gpt2 does."""
    model = ZOO["gpt2"].make().eval()
    path = tmp_path / "config.json"
    path.write_text(json.dumps(model.config.to_dict() | {"architectures": ["GPT2LMHeadModel"]}))
    assert READER.claims(path)
    captured = READER.read(path)
    assert captured.network.partial is None
    rebuilt = build(captured.network, model.state_dict())
    tokens = torch.randint(0, 100, (3, 7))
    with torch.no_grad():
        wanted = model(tokens, use_cache=False).logits
        assert torch.equal(rebuilt(tokens)["logits"], wanted)


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', "{" + " " * MAX_BYTES + "}"])
def test_other_files_are_not_claimed(tmp_path, text):
    """Broken, of another kind, too large."""
    path = tmp_path / "config.json"
    path.write_text(text)
    assert not READER.claims(path)
    with pytest.raises(InputError):
        READER.read(path)
    assert not READER.claims(tmp_path / "other.json")
    assert not READER.claims(tmp_path / "nowhere" / "config.json")
