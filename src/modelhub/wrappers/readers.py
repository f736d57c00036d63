"""All wrappers, ours and strangers', in the order in which they are asked."""

from pathlib import Path

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


def extract(path: Path, sink: SnapshotSink) -> str | None:
    """Let the wrapper that claims a file read it; its name, or None if none does.

    Raises:
        DamagedFileError: the file is of the wrapper's kind and broken.
    """
    for name in WRAPPERS:
        wrapper = WRAPPERS.get(name)
        if wrapper.claims(path):
            wrapper.read(path, sink)
            return name
    return None
