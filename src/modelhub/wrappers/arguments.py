"""Arguments of a training script, as scripts print them: `Namespace(…)`, or `--name value`."""

import ast
import shlex
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.flat import put_flat
from modelhub.wrappers.texts import head_of, read_text

_NAMES = ("args.txt", "arguments.txt", "opt.txt", "options.txt", "hparams.txt")


class Arguments:
    """Reads `args.txt` and its kin."""

    name = "arguments"

    def claims(self, path: Path) -> bool:
        """By the name, and by how it begins."""
        head = head_of(path).lstrip()
        return path.name.lower() in _NAMES and head.startswith((b"Namespace(", b"--"))

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every argument with its value; one without a value is true."""
        text = read_text(path).strip()
        found = _namespace(path, text) if text.startswith("Namespace(") else _options(path, text)
        put_flat(path, found, sink)


def _namespace(path: Path, text: str) -> dict[str, Any]:
    try:
        call = ast.parse(text, mode="eval").body
        assert isinstance(call, ast.Call)
        return {str(k.arg): _literal(k.value) for k in call.keywords if k.arg}
    except (SyntaxError, ValueError, AssertionError, RecursionError, MemoryError) as error:
        raise DamagedFileError(f"{path} is no printed Namespace ({error})") from None


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)


def _options(path: Path, text: str) -> dict[str, Any]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        raise DamagedFileError(f"{path} is no list of arguments ({error})") from None
    found: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name, sign, value = word[2:].partition("=")
            found[name] = _value(value) if sign else True
        elif name:
            found[name] = _value(word)
            name = ""
    return found


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text


wrapper = Arguments()
