"""Which file of a version is what: weights, optimizer state, log, configuration; which step."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from modelhub.recipes import Layout

WEIGHTS, OPTIMIZER, LOG, CONFIG, OTHER = "weights", "optimizer", "log", "config", "other"
FINAL = "final"  # the snapshot of weights whose step nobody says

_WEIGHT_SUFFIXES = {
    *(".safetensors", ".pt", ".pth", ".bin", ".ckpt", ".onnx", ".gguf", ".npz", ".npy"),
    *(".h5", ".keras", ".caffemodel", ".pb", ".tflite", ".msgpack", ".data"),
}
_OPTIMIZER = re.compile(r"(?:^|[._-])(?:optimizer|optim|scheduler|scaler|rng_state)(?:[._-]|\d|$)")
_SHARD = re.compile(r"-\d+-of-\d+$")
_STEP_WORDS = (
    ("step", re.compile(r"(?:global[_-]?)?steps?[=_-]?(\d+)")),
    ("step", re.compile(r"(?:checkpoint|ckpt)[=_-](\d+)")),
    ("step", re.compile(r"iter(?:ation)?s?[=_-]?(\d+)")),
    ("epoch", re.compile(r"epochs?[=_-]?(\d+)")),
)
_TRAILING = re.compile(r"[_-](\d{2,})$")

# Top-level keys of checkpoint dictionaries: what is state of the training, what only wraps.
_TRAINING_KEYS = re.compile(r"(?:optimizer|optim|opt|lr_scheduler|scheduler|scaler|rng)(?:_.*)?")
_WRAPPER_KEYS = {"state_dict", "model_state_dict", "model_state"}
_NESTED = ("torch-zip", "torch-legacy")  # in others, values are notes about the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A snapshot's place in training, as a file's name tells it."""

    unit: str  # "step" or "epoch"
    number: int

    @property
    def name(self) -> str:
        """What the snapshot is called."""
        return f"{self.unit}-{self.number}"


def role_of(path: str, layout: Layout, *, is_log: bool, is_settings: bool) -> str:
    """The role of a file, by its name and by what readers found in it."""
    name = PurePosixPath(path).name.lower()
    suffix = PurePosixPath(name).suffix
    if _OPTIMIZER.search(PurePosixPath(name).stem) and suffix in _WEIGHT_SUFFIXES:
        return OPTIMIZER
    if layout.tensors or (suffix in _WEIGHT_SUFFIXES and not is_settings):
        return WEIGHTS
    if is_log:
        return LOG
    if is_settings or name.endswith((".index.json", "config.json", "tokenizer.json")):
        return CONFIG
    return OTHER


def step_of(path: str) -> Step | None:
    """The training step that a path names, the last one in it: `checkpoint-500/`, `m_0005.pt`.

    >>> step_of("runs/checkpoint-500/model-00001-of-00002.safetensors")
    Step(unit='step', number=500)
    >>> step_of("epoch=3-step=1200.ckpt").name
    'step-1200'
    """
    parts = PurePosixPath(path.lower()).parts
    stem = _SHARD.sub("", PurePosixPath(parts[-1]).stem)
    for part in (stem, *reversed(parts[:-1])):
        for unit, pattern in _STEP_WORDS:
            found = list(pattern.finditer(part))
            if found:
                return Step(unit=unit, number=int(found[-1][1]))
    trailing = _TRAILING.search(stem)
    return Step(unit="step", number=int(trailing[1])) if trailing else None


def step_in(layout: Layout) -> Step | None:
    """The training step that a checkpoint itself says."""
    for key in ("global_step", "step", "iteration", "iter"):
        value = layout.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return Step(unit="step", number=value)
    value = layout.values.get("epoch")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Step(unit="epoch", number=value)
    return None


def weight_names(layout: Layout) -> dict[int, str]:
    """The network's own tensors of a file: position in `layout.tensors` -> state-dict key.

    A training checkpoint holds more than the network: the optimizer's tensors are left out,
    and a key that only wraps the state dict (`state_dict.conv1.weight`) is taken off.
    """
    named = {i: each.name for i, each in enumerate(layout.tensors)}
    own = {i: n for i, n in named.items() if not _TRAINING_KEYS.fullmatch(_first(n))}
    if not own:
        return {}
    firsts = {_first(name) for name in own.values()}
    is_checkpoint = len(own) < len(named) or (bool(layout.values) and layout.reader in _NESTED)
    wrappers = _WRAPPER_KEYS | ({"model"} if is_checkpoint and layout.reader != "onnx" else set())
    if len(firsts) == 1 and firsts <= wrappers and all("." in name for name in own.values()):
        return {i: name.partition(".")[2] for i, name in own.items()}
    return own


def _first(name: str) -> str:
    return name.partition(".")[0]
