"""What everything does that recognises files by `claims`."""

import os
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from modelhub.testing.damage import soon


class Claimant(Protocol):
    """Says which files are of its kind."""

    name: str

    def claims(self, path: Path) -> bool:
        """Whether a file is of its kind."""
        ...


class ClaimsContract:
    """What the contracts of wrappers and of network readers share."""

    @pytest.fixture
    def claimant(self) -> Claimant:
        """What is under test."""
        raise NotImplementedError

    def make_files(self, folder: Path) -> list[Path]:
        """Sound files of its kind, written into a folder; each says something."""
        raise NotImplementedError

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        """Sound files of its kind."""
        return self.make_files(tmp_path)

    def test_it_has_a_name(self, claimant: Claimant) -> None:
        """The name is not empty, and can be printed."""
        assert claimant.name
        assert claimant.name.isprintable()

    def test_its_files_are_claimed(self, claimant: Claimant, files: list[Path]) -> None:
        """A file of its kind is recognised."""
        for path in files:
            assert claimant.claims(path) is True, path.name

    def test_other_files_are_not_claimed(self, claimant: Claimant, tmp_path: Path) -> None:
        """Neither is a file of weights, nor one that is not there, nor a folder."""
        (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
        (tmp_path / "noise").write_bytes(Random(0).randbytes(5000))  # noqa: S311 - repeatable
        for name in ("model.safetensors", "noise", "absent", "."):
            assert claimant.claims(tmp_path / name) is False, name

    def test_names_and_kinds_of_files_do_no_harm(
        self, claimant: Claimant, files: list[Path], tmp_path: Path
    ) -> None:
        """A name that no file can have is judged, and nothing is waited for at a pipe."""
        place = tmp_path / "pipes"
        place.mkdir()
        for path in files:
            assert isinstance(claimant.claims(path.with_name(f"\0{path.name}")), bool), path.name
            os.mkfifo(place / path.name)
            assert isinstance(soon(claimant.claims, place / path.name), bool), path.name
