"""Models without memory."""

import pytest
import torch
import transformers

from modelhub.errors import InputError
from modelhub.wrappers.transformers.models import model_without_weights

LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "vocab_size": 50,
    "dtype": "bfloat16",
}


def test_parameters_have_no_memory_and_buffers_have_values():
    """In the dtype of the configuration; frequencies stay float32."""
    model = model_without_weights(LLAMA)
    real = transformers.LlamaForCausalLM(transformers.LlamaConfig(**LLAMA))
    assert all(each.is_meta for each in model.parameters())
    assert {each.dtype for each in model.parameters()} == {torch.bfloat16}
    for name, buffer in model.named_buffers():
        assert torch.equal(buffer, real.get_buffer(name)), name
    assert not torch.nn.Linear(1, 1).weight.is_meta


def test_tied_parameters_are_one():
    """A file of weights holds only one of them."""
    model = model_without_weights(LLAMA | {"tie_word_embeddings": True})
    assert model.lm_head.weight is model.model.embed_tokens.weight


def test_without_an_architecture_it_is_the_plain_model():
    """The base model of the type."""
    plain = {key: value for key, value in LLAMA.items() if key != "architectures"}
    assert type(model_without_weights(plain)) is transformers.LlamaModel


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"auto_map": {"AutoModel": "code.Model"}}, "never run"),
        ({"quantization_config": {"bits": 4}}, "quantized"),
        ({"model_type": "nothing"}, "no model type 'nothing'"),
        ({"model_type": 3}, "no model type 3"),
        ({"architectures": ["os"]}, "no model 'os'"),
        ({"architectures": ["AutoModel"]}, "no model 'AutoModel'"),
        ({"architectures": [["x"]]}, "no model"),
        ({"num_hidden_layers": 10**9}, "num_hidden_layers = 1000000000, more than 1000"),
        ({"max_position_embeddings": 10**12}, "more than"),
        ({"vocab_size": 10**18}, "more than"),
        ({"hidden_size": "many"}, "configuration"),
    ],
)
def test_configurations_that_are_refused(change, problem):
    """In one line."""
    with pytest.raises(InputError, match=problem):
        model_without_weights(LLAMA | change)


def test_kernels_that_a_configuration_names_are_not_fetched():
    """Who computes attention is not the file's to say."""
    model = model_without_weights(LLAMA | {"attn_implementation": "someone/kernels"})
    assert model.config._attn_implementation == "sdpa"
