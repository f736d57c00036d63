"""Settings files: JSON, YAML and TOML that configure a model or its training."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.flat import MAX_SETTINGS, put_flat
from modelhub.wrappers.texts import read_text

MAX_BYTES = 1 << 20
MAX_JSON = 4 << 20  # its parser is fast, and some configurations name all classes
MAX_PARTS = 32  # of a name in TOML
MAX_MERGED = 100  # tables that one in YAML is made of

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
        is_json = path.suffix.lower() == ".json"
        text = read_text(path, limit=MAX_JSON if is_json else MAX_BYTES)
        found, is_all = _parsed(path, text)
        if isinstance(found, dict):
            put_flat(path, found, sink)
        if not is_all:
            sink.note(f"{path} holds several documents; only the first is read as settings")


def read_settings(path: Path) -> dict[str, Any]:
    """What a settings file says, by name: JSON, YAML or TOML by its suffix.

    Raises:
        DamagedFileError: it is not valid, or no mapping of names to values.
    """
    found, _ = _parsed(path, read_text(path, limit=MAX_BYTES))
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise DamagedFileError(f"{path} says no settings; write them as names and values")
    return found


def _parsed(path: Path, text: str) -> tuple[Any, bool]:
    """What a file says, and whether it says nothing besides."""
    try:
        match path.suffix.lower():
            case ".toml":
                return _toml(text), True
            case ".json":
                return json.loads(text), True
            case _:
                return _yaml(text)
    # A value that its tag does not fit makes PyYAML raise whatever Python does.
    except (ValueError, LookupError, ArithmeticError, AttributeError, TypeError) as error:
        raise _invalid(path, error) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise _invalid(path, error) from None


def _invalid(path: Path, error: Exception) -> DamagedFileError:
    what = " ".join(str(error).split())[:200]
    return DamagedFileError(f"{path} is not valid {path.suffix[1:]}: {what}")


def _toml(text: str) -> Any:
    """Parse TOML; its parser takes the square of a key's parts."""
    for line in text.splitlines():
        if line.partition("=")[0].count(".") > MAX_PARTS:
            raise ValueError("a name has too many parts")
    return tomllib.loads(text)


def _yaml(text: str) -> tuple[Any, bool]:
    """The first document of a YAML text, and whether it is the only one."""
    loader = _SafeLoader(text)
    try:
        found = loader.get_data() if loader.check_node() else None
        return found, _is_at_end(loader)
    finally:
        loader.dispose()


def _is_at_end(loader: "_SafeLoader") -> bool:
    try:
        return not loader.check_node()
    except (yaml.YAMLError, ValueError):
        return False  # Something follows; what is wrong with it is not our business.


class _SafeLoader(yaml.SafeLoader):
    """YAML without its traps.

    `1e-4` is a number, as in YAML 1.2, and `12:30` is none; aliases are shared, and what merge
    keys copy is counted. Tags that are not YAML's own are as if they were not there.
    """

    merged = 0

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Copy what merge keys refer to into a mapping."""
        sources = [value for key, value in node.value if key.tag == "tag:yaml.org,2002:merge"]
        many = sum(len(each.value) for each in sources if isinstance(each, yaml.SequenceNode))
        if len(sources) + many > MAX_MERGED:
            raise ValueError("a table is merged from too many others")
        super().flatten_mapping(node)
        self.merged += len(node.value) if sources else 0
        if self.merged > MAX_SETTINGS:
            raise ValueError(f"it has more than {MAX_SETTINGS:,} settings")

    def untagged(self, node: yaml.Node) -> Any:
        """What a node with an unknown tag says without it; nothing is looked up by the tag."""
        if isinstance(node, yaml.MappingNode):
            return self.construct_yaml_map(node)
        if isinstance(node, yaml.SequenceNode):
            return self.construct_yaml_seq(node)
        assert isinstance(node, yaml.ScalarNode)
        is_plain = node.style is None
        tag = self.resolve(  # type: ignore[no-untyped-call]
            yaml.ScalarNode, node.value, (is_plain, not is_plain)
        )
        return self.construct_object(yaml.ScalarNode(tag, node.value, node.start_mark))

    def plain_number(self, node: yaml.ScalarNode) -> Any:
        """A number, or the text if it is written to the base of sixty."""
        if ":" in node.value:
            return self.construct_yaml_str(node)
        is_int = node.tag.endswith(":int")
        return self.construct_yaml_int(node) if is_int else self.construct_yaml_float(node)


_SafeLoader.add_constructor(None, _SafeLoader.untagged)  # of tags that have no other
_SafeLoader.add_constructor("tag:yaml.org,2002:int", _SafeLoader.plain_number)
_SafeLoader.add_constructor("tag:yaml.org,2002:float", _SafeLoader.plain_number)
_SafeLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


wrapper = Settings()
