"""Bit rot: every flipped bit is found, and none ever becomes a wrong byte."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from modelhub.dlv import check
from modelhub.dlv.files import file_parts
from modelhub.dlv.repository import Repository
from modelhub.errors import IntegrityError, ModelHubError

OBJECT_FLIPS = 500
CATALOG_FLIPS = 40
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with tensors in segments and in blocks, literals, and records."""
    root = tmp_path_factory.mktemp("flips") / "models"
    with Repository.init(root) as repository:
        for seed in range(4):
            rng = np.random.default_rng(seed)
            (root / "net").mkdir(exist_ok=True)
            (root / "net/train.py").write_text(f"print({seed})\n")
            repository.commit(
                "net",
                {
                    "big": rng.normal(size=(60, 50)).astype(np.float32),
                    "small": np.full(5, seed, np.float32),
                    "half": rng.normal(size=(70, 60)).astype(np.float16),
                },
                tags=[f"v{seed}"],
            )
            repository.commit("scripts", "net")
    return root


def read_all(repository: Repository) -> Files:
    """The bytes of every file of every version."""
    return {
        f"{version.ref}:{file.path}": b"".join(file_parts(repository, file.id))
        for version in repository
        for file in version.files
    }


def flipped(path: Path, chance: random.Random) -> Iterator[None]:
    """Flip one bit of a file; the next step flips it back."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    position, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
    data[position] ^= bit
    path.write_bytes(data)
    yield
    data[position] ^= bit
    path.write_bytes(data)


def test_every_flip_in_an_object_is_found(filled: Path) -> None:
    """`fsck` names each, and reading gives the right bytes or an error."""
    chance = random.Random(500)
    objects = sorted(p for p in (filled / ".dlv/objects").rglob("*") if p.is_file())
    sizes = [path.stat().st_size for path in objects]
    with Repository.open(filled) as repository:
        expected = read_all(repository)
        for number in range(OBJECT_FLIPS):
            (path,) = chance.choices(objects, sizes)
            flip = flipped(path, chance)
            next(flip)
            found = check(repository)
            assert [d.what for d in found.damages] == [f"object {path.parent.name}{path.name}"]
            if number % 10 == 0:
                assert_never_wrong(filled, expected)
            next(flip, None)
        assert check(repository).is_clean


def assert_never_wrong(root: Path, expected: Files) -> None:
    with Repository.open(root) as repository:
        for version in repository:
            for file in version.files:
                try:
                    data = b"".join(file_parts(repository, file.id))
                except IntegrityError:
                    continue
                assert data == expected[f"{version.ref}:{file.path}"]


def test_a_flip_in_the_catalog_is_found_or_harms_nothing(filled: Path, tmp_path: Path) -> None:
    """What SQLite does not use of its pages holds nothing; all else is compared."""
    with Repository.open(filled) as repository:
        expected = read_all(repository)
        repository.catalog.checkpoint()
    chance = random.Random(60)
    for number in range(CATALOG_FLIPS):
        root = tmp_path / str(number)
        shutil.copytree(filled / ".dlv", root / ".dlv")
        next(flipped(root / ".dlv/catalog.db", chance))
        try:
            with Repository.open(root) as repository:
                if check(repository).is_clean:
                    assert read_all(repository) == expected
        except ModelHubError:
            pass  # found when it was opened
        shutil.rmtree(root)
