"""The doors: what a folder's `__init__.py` offers is what it says it offers."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import modelhub

SOURCE = Path(modelhub.__file__).parent
DOORS = [
    path
    for path in sorted(SOURCE.rglob("__init__.py"))
    if len(ast.parse(path.read_text()).body) > 1  # some only say what the folder is
]
ALL = "__all__"


def module_of(path: Path) -> str:
    return ".".join(("modelhub", *path.parent.relative_to(SOURCE).parts))


def offered(name: str) -> list[str]:
    return list(import_module(name).__all__)


def bound(path: Path) -> set[str]:
    """The public names that a door gets from its own package, or defines."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("modelhub"):
            found |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
    return {name for name in found if not name.startswith("_") or name == "__version__"} - {ALL}


def rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as the linter sorts them."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", DOORS, ids=module_of)
def test_a_door_offers_all_that_it_binds(path: Path) -> None:
    """No public name is bound and left out, or named and not bound."""
    assert set(offered(module_of(path))) == bound(path)


@pytest.mark.parametrize("path", DOORS, ids=module_of)
def test_what_is_offered_is_sorted_and_there(path: Path) -> None:
    """Each name stands once, in its place, and can be had."""
    module = import_module(module_of(path))
    names = offered(module.__name__)

    assert names == sorted(set(names), key=rank)
    assert [name for name in names if not hasattr(module, name)] == []


def test_the_first_door_is_the_whole_of_the_python_interface() -> None:
    """A name that appears here or vanishes is a change that a user notices."""
    assert modelhub.__all__ == ["ModelHubError", "ModelVersion", "Repository", "__version__"]


def test_what_is_not_there_says_so() -> None:
    """The lazy door has no other names."""
    with pytest.raises(AttributeError, match="'modelhub' has no attribute 'Repositories'"):
        _ = modelhub.Repositories
