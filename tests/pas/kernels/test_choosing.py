"""Tests of `modelhub.pas.kernels.choosing`."""

import os
import subprocess
import sys

import pytest

from modelhub.errors import InputError
from modelhub.pas.kernels.choosing import chosen, kernels


def test_the_reference_is_always_there():
    """It is the slowest; the fastest is taken if nobody says otherwise."""
    found = kernels()

    assert next(iter(found)) == "reference"
    assert chosen("") is list(found.values())[-1]
    assert all(chosen(name).name == name for name in found)


def test_a_kernel_that_is_not_here_is_refused():
    """The message says what there is."""
    with pytest.raises(InputError, match="'sse9'; here it can be reference"):
        chosen("sse9")


@pytest.mark.parametrize("name", kernels())
def test_the_environment_names_the_kernel(name):
    """`DLV_KERNELS` is obeyed, and what was asked for writes the new encoding."""
    code = (
        "from modelhub.pas.encodings import default_encoding;"
        "from modelhub.pas.kernels import kernel;"
        "print(kernel().name, default_encoding())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DLV_KERNELS": name},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [name, "levels-rans"]
