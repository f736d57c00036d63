"""The reference pages that are made from the code say what the code says."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parent.parent / "tools"


@pytest.mark.parametrize(
    "tool", ["cli_reference.py", "python_reference.py", "templates_reference.py"]
)
def test_pages_are_fresh(tool: str) -> None:
    """A stale page names the tool that makes it anew."""
    done = subprocess.run(
        [sys.executable, str(TOOLS / tool), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
