"""A folder of Hugging Face: its `config.json` says what the network is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelhub.errors import InputError
from modelhub.network import Part
from modelhub.wrappers.networks import Captured
from modelhub.wrappers.torch.calm import calm
from modelhub.wrappers.torch.capture import capture
from modelhub.wrappers.transformers.inputs import example_inputs
from modelhub.wrappers.transformers.models import model_without_weights
from modelhub.wrappers.transformers.naming import names_in_files

MAX_BYTES = 1 << 20


class TransformersReader:
    """Reads the network of a `config.json` of transformers; never runs code from the folder."""

    name = "transformers"

    def claims(self, path: Path) -> bool:
        """Whether it is a `config.json` that names a model."""
        if path.name != "config.json" or not path.is_file():
            return False
        try:
            found = _parsed(path)
        except InputError:
            return False
        return isinstance(found.get("model_type"), str)

    def read(self, path: Path) -> Captured:
        """The network, in evaluation mode, with its batch and sequences open.

        Raises:
            InputError: transformers knows no such model, or it needs code of its own.
        """
        found = _parsed(path)
        with calm():
            model = model_without_weights(found)
            inputs = example_inputs(model)
            names, parts = names_in_files(model)
        return _named(capture(model, (), inputs), names, parts)


def _named(
    captured: Captured, names: Mapping[str, Sequence[str]], parts: Mapping[str, Sequence[Part]]
) -> Captured:
    states = [
        replace(
            state,
            in_files=tuple(names.get(state.name, ())),
            parts=tuple(parts.get(state.name, ())),
        )
        for state in captured.network.states
    ]
    return replace(captured, network=replace(captured.network, states=states))


def _parsed(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES} bytes, so it is no configuration")
        found = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no configuration: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is no configuration: not an object")
    return found


READER = TransformersReader()
