"""Tests of `modelhub.remotes.kinds`."""

import subprocess
import sys

from modelhub.remotes import FolderRemote, open_remote
from modelhub.remotes.kinds import REMOTES


def test_folders_are_one_kind(tmp_path):
    """Opened by the registry, under the scheme of their address."""
    made = REMOTES.get("file")((tmp_path / "a b").as_uri(), create=True)

    assert isinstance(made, FolderRemote)
    assert open_remote(str(tmp_path / "a b")).url == made.url


def test_what_one_kind_needs_is_loaded_for_it_alone():
    """Whoever has folders only needs no client of S3."""
    program = "import sys, modelhub.remotes; print('obstore' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
