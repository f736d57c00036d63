"""Arguments of a training script, as scripts print them: `Namespace(…)`, or `--name value`."""

import ast
import re
import shlex
import warnings
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.wrappers.base import SnapshotSink
from modelhub.wrappers.flat import MAX_TEXT, put_flat
from modelhub.wrappers.texts import head_of, read_text

MAX_BYTES = 1 << 20
_OBJECT = re.compile(r"(?<==)<[^<>]{1,200}>(?=[,)])")
_NAMES = ("args.txt", "arguments.txt", "opt.txt", "options.txt", "hparams.txt")


class Arguments:
    """Reads `args.txt` and its kin."""

    name = "arguments"

    def claims(self, path: Path) -> bool:
        """By the name, and by how it begins."""
        if path.name.lower() not in _NAMES:
            return False
        return head_of(path).lstrip().startswith((b"Namespace(", b"--"))

    def read(self, path: Path, sink: SnapshotSink) -> None:
        """Every argument with its value; one without a value is true, several are a list."""
        text = read_text(path, limit=MAX_BYTES).strip()
        found = _namespace(path, text) if text.startswith("Namespace(") else _options(path, text)
        put_flat(path, found, sink)


def _namespace(path: Path, text: str) -> dict[str, Any]:
    try:
        # What has no literal is printed in angle brackets, such as <function main at 0x7f>.
        call = _parsed(_OBJECT.sub(lambda found: repr(found[0]), text))
        keywords = call.keywords if isinstance(call, ast.Call) else []
        return {k.arg: _literal(k.value) for k in keywords if k.arg}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        what = str(error)[:200]
        raise DamagedFileError(f"{path} is no printed Namespace ({what})") from None


def _parsed(text: str) -> ast.expr:
    """Python's syntax tree of an expression; nothing is evaluated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that Python has given up
        return ast.parse(text, mode="eval").body


def _literal(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return ast.unparse(node)


def _options(path: Path, text: str) -> dict[str, Any]:
    try:
        words = shlex.split(text, comments=True)
    except ValueError as error:
        raise DamagedFileError(f"{path} is no list of arguments ({error})") from None
    found: dict[str, list[Any]] = {}
    values: list[Any] = []
    for word in words:
        if word.startswith("--"):
            name, sign, value = word[2:].partition("=")
            values = found[name] = [_value(value)] if sign else []
        else:
            values.append(_value(word))
    return {name: _one(values) for name, values in found.items() if name}


def _one(values: list[Any]) -> Any:
    """What an argument was given: nothing is true, one value is itself."""
    if len(values) > 1:
        return values
    return values[0] if values else True


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(_parsed(text)) if len(text) <= MAX_TEXT else text
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return text


wrapper = Arguments()
