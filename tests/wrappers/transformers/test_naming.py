"""Names that parameters have in files of weights."""

import transformers

from modelhub.network import Part
from modelhub.wrappers.transformers import naming
from modelhub.wrappers.transformers.models import model_without_weights
from modelhub.wrappers.transformers.naming import names_in_files

SMALL = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "vocab_size": 50,
}


def test_models_whose_files_have_the_names_of_their_parameters() -> None:
    """Nothing is said of them."""
    config = SMALL | {"model_type": "llama", "tie_word_embeddings": True}
    assert names_in_files(model_without_weights(config)) == ({}, {})


def test_what_transformers_saves_under_other_names() -> None:
    """ViT's parameters were renamed; files stay as they were."""
    config = SMALL | {"model_type": "vit", "image_size": 8, "patch_size": 4}
    model = model_without_weights(config)
    found, parts = names_in_files(model)
    assert not parts
    assert found["layers.0.attention.q_proj.weight"] == [
        "encoder.layer.0.attention.attention.query.weight"
    ]
    assert "layernorm.weight" not in found


def test_old_names_come_last() -> None:
    """As in checkpoints that were made from those of TensorFlow."""
    model = model_without_weights(SMALL | {"model_type": "bert"})
    assert isinstance(model, transformers.BertModel)
    found, _ = names_in_files(model)
    assert found["embeddings.LayerNorm.bias"] == ["embeddings.LayerNorm.beta"]
    assert "pooler.dense.weight" not in found


def test_what_is_saved_in_several_tensors_has_parts() -> None:
    """The experts of Mixtral are one parameter, and files have two tensors of each expert."""
    config = SMALL | {"model_type": "mixtral", "num_local_experts": 2, "num_key_value_heads": 1}
    model = model_without_weights(config)
    found, parts = names_in_files(model)
    name = "layers.0.block_sparse_moe.experts.{}.w{}.weight"
    assert sorted(parts["layers.0.mlp.experts.gate_up_proj"], key=str) == [
        Part(name=name.format(0, 1), start=(0, 0, 0), shape=(1, 32, 16)),
        Part(name=name.format(0, 3), start=(0, 32, 0), shape=(1, 32, 16)),
        Part(name=name.format(1, 1), start=(1, 0, 0), shape=(1, 32, 16)),
        Part(name=name.format(1, 3), start=(1, 32, 0), shape=(1, 32, 16)),
    ]
    assert "layers.0.mlp.experts.down_proj" not in found
    assert found["layers.0.mlp.gate.weight"] == ["layers.0.block_sparse_moe.gate.weight"]


def test_what_is_woven_has_neither(monkeypatch) -> None:
    """A transposed view fills no box."""
    model = model_without_weights(SMALL | {"model_type": "bert"})
    name = "pooler.dense.weight"
    monkeypatch.setattr(
        naming, "revert_weight_conversion", lambda _, state: {"w": state[name].transpose(0, 1)}
    )
    names, parts = names_in_files(model)
    assert name not in names
    assert parts == {}


def test_a_conversion_that_wants_values_tells_nothing(monkeypatch) -> None:
    """The names are the model's own."""

    def failing(*_):
        raise RuntimeError("no values")

    monkeypatch.setattr(naming, "revert_weight_conversion", failing)
    names, parts = names_in_files(model_without_weights(SMALL | {"model_type": "vit"}))
    assert names == parts == {}
