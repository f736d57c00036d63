"""Write the reference pages that come from the code: python.md, errors.md, settings.md, json.md.

python tools/python_reference.py [--check]
"""

import dataclasses
import inspect
import sys
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import modelhub
from modelhub import config, dlv, dql, errors, evaluation, pas, recipes, remotes, testing, wrappers

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
DOORS = {
    "modelhub": modelhub,
    "modelhub.dlv": dlv,
    "modelhub.pas": pas,
    "modelhub.recipes": recipes,
    "modelhub.wrappers": wrappers,
    "modelhub.dql": dql,
    "modelhub.remotes": remotes,
    "modelhub.evaluation": evaluation,
    "modelhub.testing": testing,
}
WAYS_OUT = {
    "error": ("the base of all others; never raised itself", "none"),
    "input": ("a value, name or file cannot be used as it is", "the message says the rule"),
    "damaged-file": (
        "a file breaks the rules of the format that it is of, most often because it is cut off",
        "get it anew, or store it as it is with `--whole`",
    ),
    "usage": ("the command line has no meaning", "`dlv COMMAND --help`"),
    "not-found": ("a revision, tensor, snapshot or setting is not there", "the nearest are named"),
    "not-a-repository": ("no `.dlv` here or above", "`dlv init`, or `dlv -C FOLDER`"),
    "ambiguous": ("a name fits several things", "they are listed; say more of the name"),
    "conflict": ("something is in the way, or changed meanwhile", "the message names it"),
    "locked": ("another process holds the repository", "wait for the process that is named"),
    "integrity": ("stored bytes are not what they must be", "`dlv fsck` says what it hits"),
    "newer-format": ("a later version wrote it", "upgrade"),
    "budget": (
        "no storage plan reads a snapshot back within its budget",
        "raise the budget to at least the least possible, which the message names",
    ),
    "query": (
        "a query cannot be read, names what there is not, or asks for too much",
        "the place is shown, and the nearest name is told",
    ),
    "missing-extra": ("a framework's package is not installed", "the message says how to"),
    "storage": (
        "disk full, quota, no permission, read-only; a remote that does not answer",
        "mend that, then run it again",
    ),
    "access": ("a hub does not know you, or you may not do this", "`dlv auth login`, or its owner"),
}
SCHEMAS = {
    "init": "modelhub.dlv.operations.init.Initialised",
    "status": "modelhub.dlv.operations.status.Status",
    "add": "array of modelhub.dlv.operations.status.StagedFile",
    "commit": "modelhub.dlv.operations.commit.Committed",
    "commit --dry-run": "modelhub.dlv.operations.commit.Preview",
    "copy": "modelhub.dlv.operations.copy.Copied",
    "tag, alias": "modelhub.dlv.operations.names.Named, an array of them when listing",
    "annotate": "modelhub.dlv.versions.VersionRef",
    "rm": "array of modelhub.dlv.versions.VersionRef",
    "list, log": "array of modelhub.dlv.operations.list.ListedVersion",
    "desc": "modelhub.dlv.operations.desc.Description",
    "diff": "modelhub.dlv.operations.diff.Difference, an array of them for several",
    "query": "modelhub.dql.result.QueryResult",
    "query (evaluate), query --status": "modelhub.dql.trying.Tried, with evaluate a line of "
    "modelhub.dql.trying.TriedNetwork for each trial that ends before it",
    "du": "modelhub.dlv.operations.du.DiskUsage",
    "cat-tensor": "modelhub.cli.cat_tensor.PrintedTensor",
    "eval": "modelhub.dlv.operations.eval.Evaluation",
    "checkout": "modelhub.dlv.operations.checkout.CheckedOut",
    "remote": "an object, addresses by name",
    "remote show": "array of modelhub.remotes.choice.RemoteModel",
    "publish": "modelhub.remotes.publishing.Published",
    "fetch": "modelhub.remotes.fetching.Fetched",
    "pull": "modelhub.remotes.pulling.Pulled",
    "clone": "modelhub.remotes.pulling.Cloned",
    "archive": "modelhub.dlv.operations.archive.Archived",
    "gc": "modelhub.dlv.operations.gc.Collected",
    "fsck": "modelhub.dlv.operations.fsck.Checked",
    "fsck --repair": "modelhub.dlv.operations.repair.Repaired",
    "fsck --rebuild": "modelhub.dlv.recovery.RebuiltSummary",
    "config": "modelhub.cli.config.Setting, an array of them when listing",
    "version": "modelhub.cli.version.Version",
}


def python_page() -> str:
    """Every public name with its signature and what it does."""
    about = "What the doors export; everything else may change in any release."
    lines = ["# Python", "", about, ""]
    for door, module in DOORS.items():
        lines += [f"## {door}", "", "| name | what it is |", "|---|---|"]
        for name in module.__all__:
            summary = (inspect.getdoc(getattr(module, name)) or "").split("\n")[0]
            is_own = inspect.isclass(getattr(module, name)) or callable(getattr(module, name))
            lines.append(f"| `{name}` | {_cell(summary) if is_own else 'a constant'} |")
        lines.append("")
    return "\n".join(lines)


def errors_page() -> str:
    """A row for each code."""
    lines = [
        "# Errors and exit statuses",
        "",
        "Each error is one line on stderr: what, where, the way out.",
        'With `--json` it is `{"error": {"code": …, "message": …}}`.',
        "Codes and statuses are never renamed.",
        "130 means interrupted, 141 that nobody read the output to its end.",
        "`dlv diff --exit-code` ends with 1 if anything differs.",
        "",
        "| code | exit | class | meaning | way out |",
        "|---|---|---|---|---|",
    ]
    for kind in _tree(errors.ModelHubError):
        meaning, way = WAYS_OUT[kind.code]
        row = (f"`{kind.code}`", str(kind.exit_status), f"`{kind.__name__}`", meaning, way)
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """A row for each setting and each variable."""
    lines = [
        "# Settings",
        "",
        "`dlv config` shows what holds and which file says it.",
        "Nearer files win: `.dlv/config.local`, `.dlv/config`, `$XDG_CONFIG_HOME/dlv/config`.",
        "",
        "| key | meaning | default | variable |",
        "|---|---|---|---|",
    ]
    for key in config.KEYS.values():
        variable = f"`{key.variable}`" if key.variable else ""
        lines.append(f"| `{key.name}` | {key.doc} | `{key.default!r}` | {variable} |")
    lines += [
        "",
        "| variable | meaning |",
        "|---|---|",
        "| `DLV_DIR` | the hidden folder of the repository to use, wherever one stands |",
        "| `DLV_NO_PROGRESS` | no progress is shown |",
        "| `DLV_DEBUG` | errors show where they come from |",
        "| `DLV_TOKEN` | the token to show to every hub, in place of that of `dlv auth login` |",
        (
            "| `DLV_KERNELS` | which kernel makes and reads levels of numbers: `reference`, "
            "`scalar`, `avx2` (entries of tables are gathered) or `avx2-loads` (they are loaded "
            "one by one, which is faster on AMD); the fastest that works here if not set |"
        ),
        "| `NO_COLOR` | no colour, no bold |",
        "",
        "`1`, `ON`, `YES` and `TRUE` in any case are true.",
    ]
    return "\n".join(lines) + "\n"


def json_page() -> str:
    """The keys of each command's JSON."""
    lines = [
        "# JSON",
        "",
        "What `--json` prints: a key for each field; keys are added, never renamed or removed.",
        'Non-finite numbers are `"NaN"`, `"Infinity"` and `"-Infinity"`.',
        "",
        "| command | value |",
        "|---|---|",
    ]
    for command, value in SCHEMAS.items():
        lines.append(f"| `{command}` | {' '.join(_linked(word) for word in value.split())} |")
    lines.append("")
    for kind in _closure():
        lines += [f"## {kind.__name__}", "", "| key | type |", "|---|---|"]
        hints = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            lines.append(f"| `{field.name}` | {_cell(_named(hints[field.name]))} |")
        lines.append("")
    return "\n".join(lines)


def _tree(kind: type[errors.ModelHubError]) -> Iterator[type[errors.ModelHubError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _tree(each)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _linked(word: str) -> str:
    if not word.startswith("modelhub."):
        return word
    name = word.rstrip(",").rpartition(".")[2]
    return f"[{name}](#{name.lower()})" + ("," if word.endswith(",") else "")


def _found(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)


def _closure() -> list[type[Any]]:
    """The dataclasses of all commands, and those inside them."""
    words = [w.rstrip(",") for value in SCHEMAS.values() for w in value.split()]
    todo = [_found(word) for word in words if word.startswith("modelhub.")]
    seen: list[type[Any]] = []
    while todo:
        kind = todo.pop(0)
        if kind in seen:
            continue
        seen.append(kind)
        for hint in typing.get_type_hints(kind).values():
            todo += [each for each in _inside(hint) if dataclasses.is_dataclass(each)]
    return sorted(seen, key=lambda kind: kind.__name__)


def _inside(hint: Any) -> Iterator[Any]:
    yield hint
    for each in typing.get_args(hint):
        yield from _inside(each)


def _named(hint: Any) -> str:
    text = str(hint) if typing.get_args(hint) else getattr(hint, "__name__", str(hint))
    for prefix in ("collections.abc.", "typing.", "modelhub.values.", "pathlib."):
        text = text.replace(prefix, "")
    return ".".join(text.split(".")[-1:]) if text.startswith("modelhub") else text


PAGES = {
    "python.md": python_page,
    "errors.md": errors_page,
    "settings.md": settings_page,
    "json.md": json_page,
}

if __name__ == "__main__":
    for name, make in PAGES.items():
        text = make()
        if "--check" in sys.argv:
            if (FOLDER / name).read_text() != text:
                sys.exit(f"{name} is stale; run tools/python_reference.py")
        else:
            (FOLDER / name).write_text(text)
