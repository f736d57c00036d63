"""Folders of Hugging Face."""

import json

import pytest
import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
    ViTConfig,
    ViTForImageClassification,
)
from zoo import ZOO

from modelhub import Repository
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


def llama(*, is_tied):
    config = LlamaConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        vocab_size=50,
        tie_word_embeddings=is_tied,
    )
    return LlamaForCausalLM(config)


def t5():
    config = T5Config(d_model=16, num_layers=1, num_heads=2, d_kv=8, d_ff=32, vocab_size=50)
    return T5ForConditionalGeneration(config)


def vit():
    config = ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=8,
        patch_size=4,
    )
    return ViTForImageClassification(config)


def mixtral():
    config = MixtralConfig(
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        num_local_experts=2,
        vocab_size=50,
    )
    return MixtralForCausalLM(config)


SAVED = {
    "tied": lambda: llama(is_tied=True),
    "in shards": lambda: llama(is_tied=False),
    "tied three times": t5,
    "by other names": vit,
    "cut up": mixtral,
}


@pytest.mark.parametrize("name", SAVED)
def test_what_transformers_saved_runs(tmp_path, name):
    """A folder of `save_pretrained` is all that is needed, and its weights keep their names."""
    torch.manual_seed(0)
    model = SAVED[name]().eval()
    model.save_pretrained(tmp_path / "saved", max_shard_size="8KB")
    if name == "by other names":
        inputs = {"pixel_values": torch.randn(3, 3, 8, 8)}
    else:
        inputs = {"input_ids": torch.randint(0, 50, (3, 7)), "use_cache": False}
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = torch.randint(0, 50, (3, 5))
    with Repository.init(tmp_path) as repository:
        version = repository.commit("saved", tmp_path / "saved")
        rebuilt = version.module()
    assert list(rebuilt.state_dict()) == list(model.state_dict())
    with torch.no_grad():
        wanted = model(**inputs)
        inputs.pop("use_cache", None)
        assert torch.equal(rebuilt(**inputs)["logits"], wanted.logits)
