"""Settings files: JSON, YAML and TOML that configure a model or its training."""

import json
import tomllib
from pathlib import Path
from typing import Any

import yaml

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.flat import put_flat
from modelhub.wrappers.texts import read_text

_JSON = {
    *("config.json", "args.json", "hparams.json", "hyperparameters.json", "params.json"),
    *("training_args.json", "settings.json", "adapter_config.json", "hparam.json"),
}
_NOT = {"pyproject.toml", "package.json", "docker-compose.yaml", "docker-compose.yml"}


class Settings:
    """Reads JSON by its usual names, YAML and TOML by their suffix."""

    name = "settings"

    def claims(self, path: Path) -> bool:
        """By the name."""
        name = path.name.lower()
        if name in _NOT:
            return False
        return name in _JSON or path.suffix.lower() in (".yaml", ".yml", ".toml")

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every setting, nested names joined by dots."""
        found = _parsed(path, read_text(path))
        if isinstance(found, dict):
            put_flat(path, found, sink)


def _parsed(path: Path, text: str) -> Any:
    try:
        match path.suffix.lower():
            case ".toml":
                return tomllib.loads(text)
            case ".json":
                return json.loads(text)
            case _:
                return yaml.safe_load(text)  # aliases are shared, not copied
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        what = " ".join(str(error).split())
        raise DamagedFileError(f"{path} is not valid {path.suffix[1:]}: {what}") from None


wrapper = Settings()
