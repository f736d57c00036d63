"""Tests of `dlv serve`; what it does is tested in tests/hub/test_hosting.py."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Dlv = Callable[..., Any]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_and_how_to_come_in(tmp_path: Path, stop: signal.Signals) -> None:
    """And ends without a word when it is told to."""
    command = [sys.executable, "-m", "modelhub.cli", "serve", "--port", "0", "--admin", "root"]
    with subprocess.Popen(
        [*command, "--data", str(tmp_path / "data")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)

    assert lines[0].startswith("account root; its token, which is not shown again: mh_")
    assert lines[1].startswith("log in with: dlv auth login http://127.0.0.1:")
    assert lines[2].startswith(f"serving {tmp_path / 'data'} at http://127.0.0.1:")
    assert (process.returncode, out, err) == (0, "", "")


def test_wrong_input_is_told_in_one_line(dlv: Dlv, tmp_path: Path) -> None:
    """A port in use, a file for a folder, a name that is none."""
    (tmp_path / "file").write_text("x")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert dlv("serve", "--data", str(tmp_path / "d"), "--port", port).status == 4
    assert dlv("serve", "--data", str(tmp_path / "file")).status == 2
    assert dlv("serve", "--data", str(tmp_path / "d"), "--admin", "A").status == 1
    assert dlv("serve", "--port", "70000").status == 2
    (tmp_path / "hub").mkdir()
    (tmp_path / "hub/hub.db").write_text("no database, but long enough to be read as one" * 50)
    answer = dlv("serve", "--data", str(tmp_path / "hub"), "--port", "0")
    assert (answer.status, answer.err.count("\n")) == (5, 1)
