"""All wrappers, ours and strangers', in the order in which they are asked."""

from pathlib import Path

from modelhub.errors import MissingExtraError
from modelhub.plugins import Registry
from modelhub.wrappers.base import SnapshotSink, Wrapper

WRAPPERS: Registry[Wrapper] = Registry(
    "modelhub.wrappers",
    {
        "trainer_state": "modelhub.wrappers.trainer_state:wrapper",
        "tensorboard": "modelhub.wrappers.tensorboard:wrapper",
        "caffe": "modelhub.wrappers.caffe:wrapper",
        "jsonl": "modelhub.wrappers.jsonl:wrapper",
        "history": "modelhub.wrappers.history:wrapper",
        "csv": "modelhub.wrappers.csv:wrapper",
        "arguments": "modelhub.wrappers.arguments:wrapper",
        "settings": "modelhub.wrappers.settings:wrapper",
    },
)


def wrapper_of(path: Path) -> str | None:
    """The name of the wrapper that claims a file, or None if none does.

    A wrapper that cannot be loaded claims nothing; `unloaded` tells of it.
    """
    for name in WRAPPERS:
        wrapper = _loaded(name)
        if not isinstance(wrapper, str) and wrapper.claims(path):
            return name
    return None


def unloaded() -> list[str]:
    """Why wrappers cannot be loaded: a line for each that needs a package that is missing."""
    return [each for each in map(_loaded, WRAPPERS) if isinstance(each, str)]


def _loaded(name: str) -> Wrapper | str:
    """The wrapper, or why there is none."""
    try:
        return WRAPPERS.get(name)
    except MissingExtraError as missing:
        return str(missing)


def extract(path: Path, sink: SnapshotSink) -> str | None:
    """Let the wrapper that claims a file read it; its name, or None if none does.

    Raises:
        DamagedFileError: the file is of the wrapper's kind and broken; what stands before the
            damage may be in the sink.
    """
    name = wrapper_of(path) if path.is_file() else None
    if name is not None:
        WRAPPERS.get(name).read(path, sink)
    return name
