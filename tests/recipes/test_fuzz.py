"""Broken files for every reader: the short form of benchmarks/fuzz_readers.py."""

import importlib.util
import sys
from pathlib import Path

import pytest

from modelhub.recipes import READERS

SOURCE = Path(__file__).parents[2] / "benchmarks" / "fuzz_readers.py"
CASES = 250  # a reader


def load():
    spec = importlib.util.spec_from_file_location("fuzz_readers", SOURCE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fuzz_readers = load()


@pytest.mark.parametrize("name", sorted(READERS))
def test_broken_files_are_refused_or_keep_the_promises(tmp_path, name):
    """Only DamagedFileError, or a layout whose spans ascend inside the file; never slow."""
    outcomes = fuzz_readers.fuzz(name, CASES, 7, tmp_path)
    assert not [outcome for outcome in outcomes if outcome.startswith("WRONG")]
    assert outcomes["refused"] > 0 or name == "hdf5"  # what is not followed there stays bytes


@pytest.mark.parametrize("name", sorted(READERS))
def test_sound_files_are_read(tmp_path, name):
    """The cases begin with files that are understood."""
    for index, raw in enumerate(fuzz_readers.seeds(name, tmp_path)):
        path = tmp_path / f"{index}{fuzz_readers.NAMES[name][1:]}"
        path.write_bytes(raw)
        assert fuzz_readers.attempt(name, path) == "read"
