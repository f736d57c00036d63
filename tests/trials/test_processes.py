"""Trials in processes of their own."""

import os
import signal
import threading

import pytest
from work_of_trials import Listing, count

from modelhub.trials import FAILED, FINISHED
from modelhub.trials.processes import Processes


def test_processes_are_used_again() -> None:
    """One worker trains one trial after the other, elsewhere."""
    driver = Listing([[1], [2], [3]])
    Processes(1).run(driver, count)
    pids = {each[3] for each in driver.reports}
    assert len(pids) == 1
    assert pids != {os.getpid()}


def test_a_process_that_dies_is_one_failed_trial() -> None:
    """Whatever ended it; another process takes its place."""
    driver = Listing([[1, "die"], ["leave"], [1]])
    Processes(1).run(driver, count)
    assert [driver.ends[n].state for n in range(3)] == [FAILED, FAILED, FINISHED]
    assert driver.ends[0].reason == "its process was ended by SIGKILL"
    assert driver.ends[0].step == 1
    assert driver.ends[1].reason == "its process ended with status 3"


def test_an_interruption_ends_all_processes() -> None:
    """None goes on by itself."""
    driver = Listing([[1, "wait"]])
    executor = Processes(1)
    heard = driver.report
    main = threading.main_thread().ident

    def report(number, step, metrics):
        threading.Timer(0.2, signal.pthread_kill, [main, signal.SIGINT]).start()
        return heard(number, step, metrics)

    driver.report = report
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            executor.run(driver, count)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(ProcessLookupError):
        os.kill(driver.reports[0][3], 0)
