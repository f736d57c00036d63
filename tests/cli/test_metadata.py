"""Commands that only list."""

import gc
import subprocess
import sys


def test_listing_loads_no_code_for_tensors(lenet, folder) -> None:
    """Neither NumPy nor the archive."""
    code = (
        "import sys; from modelhub.cli.application import run; run(['list', '-q']);"
        "print([m for m in ('numpy', 'modelhub.pas', 'modelhub.recipes') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert lenet("list", "-q").out.split() == done.stdout.split()[:3]


def test_the_collector_is_on_again_afterwards(lenet) -> None:
    """It rests only while rows are built, whichever way the command ends."""
    assert gc.isenabled()
    lenet("list")
    lenet("log", "nobody")
    assert gc.isenabled()
