"""What a file is, by its name and by what is in it."""

import pytest

from modelhub.dlv.roles import role_of, step_in, step_of, weight_names
from modelhub.recipes import Layout, NamedTensor


def layout(*names: str, **more) -> Layout:
    tensors = tuple(NamedTensor(name=n, dtype="float32", shape=(), span=None) for n in names)
    return Layout(reader=more.pop("reader", "torch-zip"), size=1, tensors=tensors, **more)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("checkpoint-500/model.safetensors", "step-500"),
        ("epoch=3-step=1200.ckpt", "step-1200"),
        ("model_0005.pt", "step-5"),
        ("runs/global_step42/x.pt", "step-42"),
        ("net_iter_1000.caffemodel", "step-1000"),
        ("epoch_7.pt", "epoch-7"),
        ("checkpoint-500/model-00001-of-00002.safetensors", "step-500"),
        ("lenet-step=0100.pt", "step-100"),
    ],
)
def test_usual_names_say_the_step(path: str, name: str) -> None:
    """The last number of training in a path."""
    found = step_of(path)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "path", ["model.pt", "resnet50.pt", "v2/model.pt", "llama-7b.gguf", "a-1.pt"]
)
def test_other_numbers_are_no_steps(path: str) -> None:
    """Sizes and versions of models are not steps."""
    assert step_of(path) is None


@pytest.mark.parametrize(
    ("path", "found", "role"),
    [
        ("model.pt", layout("w"), "weights"),
        ("optimizer.pt", layout("state.0"), "optimizer"),
        ("rng_state_0.pth", layout(), "optimizer"),
        ("scheduler.pt", layout(), "optimizer"),
        ("model.h5", Layout(reader="whole", size=1), "weights"),
        ("train.py", Layout(reader="whole", size=1), "other"),
        ("model.safetensors.index.json", Layout(reader="whole", size=1), "config"),
    ],
)
def test_roles(path: str, found: Layout, role: str) -> None:
    """Weights, optimizer state, configuration, and the rest."""
    assert role_of(path, found, is_log=False, is_settings=False) == role


def test_logs_and_settings_are_what_wrappers_say() -> None:
    """A log is a log."""
    whole = Layout(reader="whole", size=1)
    assert role_of("x.csv", whole, is_log=True, is_settings=False) == "log"
    assert role_of("x.yaml", whole, is_log=False, is_settings=True) == "config"


def test_a_checkpoint_says_its_step_itself() -> None:
    """Step before epoch; no truth values, nothing negative."""
    assert step_in(layout(values={"global_step": 7, "epoch": 1})).name == "step-7"
    assert step_in(layout(values={"epoch": 3})).name == "epoch-3"
    assert step_in(layout(values={"step": True})) is None
    assert step_in(layout(values={"step": -1})) is None


def test_only_the_network_is_the_snapshot() -> None:
    """The optimizer is left out, and what only wraps is taken off."""
    plain = layout("conv.weight", "fc.bias")
    assert list(weight_names(plain).values()) == ["conv.weight", "fc.bias"]
    whole = layout("state_dict.conv.weight", "optimizer_states.0.m")
    assert list(weight_names(whole).values()) == ["conv.weight"]
    ours = layout("model.a.weight", "optimizer.state.0.exp", values={"epoch": 1})
    assert list(weight_names(ours).values()) == ["a.weight"]
    llama = layout("model.embed.weight", "model.norm.weight")
    assert list(weight_names(llama).values()) == ["model.embed.weight", "model.norm.weight"]


def test_a_note_in_a_safetensors_file_makes_no_checkpoint_of_it() -> None:
    """Hugging Face writes `format: pt` in each; tied or sharded weights keep their names."""
    tied = layout("model.embed.weight", values={"format": "pt"}, reader="safetensors")
    assert list(weight_names(tied).values()) == ["model.embed.weight"]
    saved = layout("model.embed.weight", "optimizer.m", reader="safetensors")
    assert list(weight_names(saved).values()) == ["embed.weight"]
