"""Trials in processes of their own, as many at once as there are workers."""

import multiprocessing
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from modelhub.trials.executors import Driver, Job, Work, attempt
from modelhub.trials.reporting import FAILED, Ending
from modelhub.trials.rules import Metrics

_PATIENCE_S = 5.0  # that a process gets to end


@dataclass(slots=True, kw_only=True)
class _Worker:
    """A process, and what it is doing."""

    process: BaseProcess
    pipe: "Connection[Any, Any]"
    job: Job | None = None
    step: int = 0


class Processes:
    """Spawned processes; each trains one trial after the other."""

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []

    def run(self, driver: Driver, work: Work) -> None:
        """Train them all; a process that dies is a failed trial, and another takes its place."""
        try:
            while self._filled(driver, work):
                by_pipe = {each.pipe: each for each in self._workers}
                for pipe in wait(list(by_pipe)):
                    self._heard(by_pipe[pipe], driver)  # type: ignore[index]
        finally:
            for each in self._workers:
                _end(each)
            self._workers = []

    def _filled(self, driver: Driver, work: Work) -> bool:
        """Give each idle worker a trial; whether any is at work."""
        idle = [each for each in self._workers if each.job is None]
        while len(self._workers) - len(idle) < self._count:
            job = driver.next()
            if job is None:
                break
            worker = idle.pop() if idle else self._started(work)
            worker.job, worker.step = job, 0
            worker.pipe.send(job.task)
        return any(each.job is not None for each in self._workers)

    def _started(self, work: Work) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, work), daemon=True)
        process.start()
        theirs.close()
        worker = _Worker(process=process, pipe=ours)
        self._workers.append(worker)
        return worker

    def _heard(self, worker: _Worker, driver: Driver) -> None:
        job = worker.job
        try:
            found = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._workers.remove(worker)
            reason = _death(worker.process)
            if job is not None:
                driver.end(job.number, Ending(state=FAILED, step=worker.step, reason=reason))
            return
        assert job is not None
        if isinstance(found, Ending):
            worker.job = None
            driver.end(job.number, found)
            return
        worker.step, metrics = found
        worker.pipe.send(driver.report(job.number, worker.step, metrics))


def _death(process: BaseProcess) -> str:
    """How a process died, for people."""
    process.join(_PATIENCE_S)
    code = process.exitcode
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with status {code}"


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.terminate()
    worker.process.join(_PATIENCE_S)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()


def serve(pipe: "Connection[Any, Any]", work: Work) -> None:
    """What a process does: trains what it is sent, until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides

    def send(step: int, metrics: Metrics) -> str | None:
        pipe.send((step, metrics))
        found: str | None = pipe.recv()
        return found

    try:
        while True:
            pipe.send(attempt(work, pipe.recv(), send))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
