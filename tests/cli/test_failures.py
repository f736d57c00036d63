"""How commands end when something goes wrong."""

import errno
import json
import os
import signal
import time

import pytest

from modelhub.cli.failures import storage_error, undisturbed, was_interrupted


def test_errors_are_one_line_on_stderr(dlv) -> None:
    """With the way out; nothing on stdout."""
    done = dlv("list")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith("dlv: ")
    assert done.err.count("\n") == 1


def test_programs_get_a_code(dlv) -> None:
    """With --json the error is JSON, too."""
    done = dlv("list", "--json")
    assert json.loads(done.err)["error"]["code"] == "not-a-repository"


def test_the_operating_system_is_explained() -> None:
    """A full disk is a storage error that says what to do."""
    assert "the disk is full" in str(storage_error(OSError(errno.ENOSPC, "no", "/x")))


def test_a_package_that_is_interrupted_while_it_loads_is_not_broken() -> None:
    """It says that it is, because of Ctrl-C."""

    broken = ImportError("umath failed to import")
    broken.__context__ = KeyboardInterrupt()
    late = RuntimeError("no arrays")
    late.__cause__ = broken
    assert was_interrupted(late)
    assert not was_interrupted(ImportError("no module"))


def test_causes_that_go_round_are_no_interruption() -> None:
    """As where two packages raise each other's errors again."""
    first, second = ValueError("first"), ValueError("second")
    first.__context__, second.__context__ = second, first

    assert not was_interrupted(first)


def test_an_interruption_waits_until_packages_are_loaded() -> None:
    """And is then one like any other; the handler is the one of before."""
    done = []

    def load() -> None:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            done.append(True)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            load()
        assert done
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_interruptions_that_nobody_wants_stay_so() -> None:
    """As in a job behind a shell."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
