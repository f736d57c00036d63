"""The examples in docstrings run."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import modelhub

SOURCE = Path(modelhub.__file__).parent
SHOWN = [path for path in sorted(SOURCE.rglob("*.py")) if ">>> " in path.read_text()]


def module_of(path: Path) -> str:
    return ".".join(("modelhub", *path.relative_to(SOURCE).with_suffix("").parts))


@pytest.mark.parametrize("name", [module_of(path) for path in SHOWN])
def test_examples_run(name: str) -> None:
    """What a docstring shows is what happens."""
    failed, tried = doctest.testmod(import_module(name))

    assert tried
    assert not failed
