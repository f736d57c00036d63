"""Who is writing."""

import subprocess
import sys
from pathlib import Path

import pytest

from modelhub.dlv import locks
from modelhub.dlv.layout import Layout
from modelhub.errors import LockedError


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


def test_writers_write_side_by_side(layout: Layout) -> None:
    """Each with a folder of its own, which is gone afterwards."""
    with locks.writing(layout, "one") as first, locks.writing(layout, "two") as second:
        assert first != second
        assert {owner.command for owner in locks.owners(layout)} == {"one", "two"}
    assert list(layout.temporary.iterdir()) == []


def test_an_exclusive_writer_is_alone(layout: Layout) -> None:
    """The message names the process that is in the way."""
    import os

    with (
        locks.writing(layout, "commit"),
        pytest.raises(LockedError, match=rf"pid {os.getpid()} \(commit"),
        locks.writing(layout, "gc", exclusive=True, wait_s=0),
    ):
        pass


def test_what_a_dead_writer_left_is_found(layout: Layout) -> None:
    """Its folder has no living owner."""
    code = (
        "import os, sys; from pathlib import Path\n"
        "from modelhub.dlv import locks; from modelhub.dlv.layout import Layout\n"
        f"with locks.writing(Layout(Path({str(layout.folder)!r})), 'x') as scratch:\n"
        "    (scratch / 'half').write_bytes(b'1'); os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert locks.owners(layout) == []
    (left,) = locks.leftovers(layout)
    locks.discard(left)
    assert list(layout.temporary.iterdir()) == []
