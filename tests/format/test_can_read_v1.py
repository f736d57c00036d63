"""Repositories of format 1 are read for ever: by us, and by a reader written from the spec."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from reader import Repository as IndependentRepository

from modelhub import Repository
from modelhub.dlv import check, rebuild

GOLDEN = Path(__file__).parent.parent / "data" / "format" / "v1"


@pytest.fixture(scope="module")
def expected() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / "expected.json").read_text())
    return found


def test_the_specification_is_enough(expected: dict[str, Any]) -> None:
    """A reader of less than 200 lines that knows only docs/spec/ makes every file."""
    repository = IndependentRepository(GOLDEN)
    versions = repository.versions()

    assert {name: each["id"] for name, each in versions.items()} == {
        name: each["id"] for name, each in expected.items()
    }
    for name, version in versions.items():
        files = {
            file["path"]: hashlib.sha256(repository.file(file["id"])).hexdigest()
            for file in version["content"]["files"]
        }
        assert files == expected[name]["files"]


def test_the_independent_reader_stays_small() -> None:
    """It has at most 150 lines of code, docstrings apart."""
    text = Path(IndependentRepository.__init__.__code__.co_filename).read_text()
    lines = [line.strip() for line in text.splitlines()]

    assert len([line for line in lines if line and not line.startswith('"""')]) <= 150


def test_today_reads_it(expected: dict[str, Any], tmp_path: Path) -> None:
    """The catalog is made from the objects, everything is sound, every file comes back."""
    (tmp_path / ".dlv/tmp").mkdir(parents=True)
    shutil.copy(GOLDEN / "format", tmp_path / ".dlv/format")
    shutil.copytree(GOLDEN / "objects", tmp_path / ".dlv/objects")
    rebuilt = rebuild(tmp_path)

    assert not rebuilt.lost
    with Repository.open(tmp_path) as repository:
        assert check(repository).is_clean
        assert {str(version.ref): version.id for version in repository} == {
            name: each["id"] for name, each in expected.items()
        }
        for name, each in expected.items():
            folder = tmp_path / name
            repository[name].checkout(folder)
            for path, digest in each["files"].items():
                assert hashlib.sha256((folder / path).read_bytes()).hexdigest() == digest
        assert repository["net@paper"].number == 2
        assert repository["net@best-so-far"].metrics["later"] == 1.5
