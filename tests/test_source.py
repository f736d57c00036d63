"""The source keeps the rules that no linter knows."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "modelhub"
FILES = sorted(SOURCE.rglob("*.py"))
DRAWERS = {"utils", "helpers", "common", "misc"}
WITHOUT_TEST = {"__init__", "__main__", "_version", "env", "0001_initial", "0002_networks"}
WITHOUT_TEST |= {"0003_indices"}
ONLY_WORDS = {
    *("cli/examples.py", "pas/encodings/base.py", "pas/format.py", "pas/limits.py"),
    *("pas/kernels/schemes.py", "dql/limits.py", "dql/words.py", "hub/schema.py"),
}
CHANGES = {  # methods and functions that make, rename, change or delete files
    *("write_bytes", "write_text", "touch", "truncate", "ftruncate", "mkdir", "makedirs"),
    *("symlink", "symlink_to", "link", "hardlink_to", "rename", "renames", "chmod"),
    *("unlink", "rmdir", "removedirs", "rmtree", "move", "copyfile", "copytree"),
    *("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "TemporaryDirectory"),
}
ALLOWED = {  # what bears such a name, and why it may stand elsewhere
    "place.parent.mkdir": "a folder of the user's, which checkout fills",
    "folder.mkdir": "a folder of the user's, which an export fills",
    "O_CREAT layout.lock": "an empty file that carries locks is never written",
    "tempfile.TemporaryFile": "outputs of an evaluation, in a file without a name",
    "tempfile.TemporaryDirectory": "a copy of files for a runner that reads none but files",
    "archive.open": "a member of a zip file, in a stream that durable made",
}


def where(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def names(tree: ast.AST) -> set[str]:
    loose = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return loose | {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}


@pytest.mark.parametrize("path", FILES, ids=where)
def test_nothing_is_kept_in_a_drawer(path: Path) -> None:
    """No module is named for having no name."""
    assert path.stem not in DRAWERS


@pytest.mark.parametrize("path", FILES, ids=where)
def test_imports_stand_at_the_top(path: Path) -> None:
    """No function imports anything."""
    for function in functions(path):
        found = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not found, function.name


def test_one_place_meets_a_missing_package() -> None:
    """Only the registry catches ModuleNotFoundError."""
    guards = {
        where(path)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        if {"ImportError", "ModuleNotFoundError"} & names(node.type)
    }
    assert guards <= {"plugins.py"}


def test_only_the_command_line_meets_the_terminal() -> None:
    """`print` stands in cli only, `os.environ` in cli and config only."""
    for path in FILES:
        used = names(ast.parse(path.read_text()))
        assert "print" not in used or where(path).startswith("cli/")
        assert "environ" not in used or where(path).startswith(("cli/", "config.py"))


def changes(node: ast.Call) -> Iterator[str]:
    """What a call may do to files, in words that `ALLOWED` knows."""
    called = ast.unparse(node.func)
    owner, _, name = called.rpartition(".")
    arguments = [ast.unparse(argument) for argument in node.args]
    modes = [a.value for a in [*node.args, *(k.value for k in node.keywords)] if is_text(a)]
    if name in CHANGES and owner != "durable":
        yield called
    if called in {"os.replace", "os.remove"}:  # texts and lists have such methods, too
        yield called
    if name == "open" and any(set(mode) & set("wax+") and len(mode) <= 3 for mode in modes):
        yield called
    if called == "os.open" and any("O_CREAT" in argument for argument in arguments):
        yield f"O_CREAT {arguments[0]}"


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_files_are_written_in_one_place() -> None:
    """What makes, renames or deletes files of a repository stands in durable.py."""
    found = {
        what: where(path)
        for path in FILES
        if where(path) != "durable.py" and not where(path).startswith("testing/")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        for what in changes(node)
    }
    assert found.keys() <= ALLOWED.keys(), found
    assert found.keys() == ALLOWED.keys(), "an exception that nothing needs"


def test_every_module_has_its_test() -> None:
    """src/modelhub/a/b.py has tests/a/test_b.py; doors, constants and protocols have none."""
    mirrors = {
        path: ROOT / "tests" / path.relative_to(SOURCE).with_name(f"test_{path.name}")
        for path in FILES
        if path.stem not in WITHOUT_TEST and where(path) not in ONLY_WORDS
    }
    missing = [str(m.relative_to(ROOT)) for m in mirrors.values() if not m.exists()]
    assert not missing


def test_import_is_light() -> None:
    """`import modelhub` loads no framework, and neither does the help of `dlv`."""
    heavy = ["torch", "onnx", "transformers", "ray", "fastapi", "alembic", "rich", "pandas"]
    heavy += ["jinja2", "tomlkit", "sqlalchemy", "numpy"]
    for module in ("modelhub", "modelhub.cli"):
        code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "[]"


def test_every_todo_has_an_issue() -> None:
    """A TODO says where it is told."""
    for path in FILES:
        assert "TODO" not in path.read_text(), path


@pytest.mark.parametrize(
    "command",
    ["list", "log", "status", "add", "desc", "diff", "checkout", "copy", "cat-tensor", "du"],
)
def test_what_only_reads_starts_without_sqlalchemy(command: str) -> None:
    """Importing it takes longer than most of these commands take."""
    module = f"modelhub.cli.{command.replace('-', '_')}"
    code = f"import sys, modelhub.cli, {module}; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
