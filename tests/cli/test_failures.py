"""How commands end when something goes wrong."""

import errno
import json

from modelhub.cli.failures import storage_error, was_interrupted


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
