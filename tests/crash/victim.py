"""Runs operations in children that die, or run out of disk, at a chosen instant.

A clean process of its own, so that forking is safe: it imports the package once and forks a
child for each case. It reads one JSON case a line and answers one JSON line:
`{"status": "done" | "killed" | "error", "points": n, "error": "…"}`.
"""

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "dlv"))
from small_networks import small_captured, small_state

from modelhub import durable
from modelhub.config_file import set_value
from modelhub.dlv.maintenance import merge_small_packs
from modelhub.dlv.naming import resolve
from modelhub.dlv.operations.archive import ArchiveOptions, archive
from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.operations.copy import copy
from modelhub.dlv.operations.fsck import rebuild
from modelhub.dlv.operations.gc import collect_garbage
from modelhub.dlv.operations.names import remove, tag
from modelhub.dlv.repository import Repository
from modelhub.errors import StorageError
from modelhub.remotes import FolderRemote, everything, fetch, publish

WRITES = {"create", "write", "flush", "mkdir", "rename", "flush-folder"}


def new_state(seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"w": rng.normal(size=(60, 50)).astype(np.float32), "b": np.full(5, seed, np.float32)}


def tuned_state(seed: int, *, noise: int = 1000) -> dict[str, np.ndarray]:
    """What little training makes of `new_state`: it is stored as a difference."""
    state = new_state(seed)
    change = np.random.default_rng(seed + noise).normal(size=state["w"].shape)
    return state | {"w": (state["w"] * (1 + 1e-5 * change)).astype(np.float32)}


def _open(root: Path) -> Repository:
    return Repository.open(root)


def _commit_files(root: Path) -> None:
    with _open(root) as repository:
        commit(repository, "lenet", paths=[root / "work"], options=CommitOptions(tags=["v2"]))


def _commit_memory(root: Path) -> None:
    with _open(root) as repository:
        repository.commit("fresh", new_state(99))


def _commit_delta(root: Path) -> None:
    with _open(root) as repository:
        repository.commit("other", tuned_state(3))


def _commit_network(root: Path) -> None:
    with _open(root) as repository:
        options = CommitOptions(network=small_captured())
        commit_state(repository, "known", small_state(98), options=options)


def _merge(root: Path) -> None:
    with _open(root) as repository:
        merge_small_packs(repository, fan_in=2)


def _names(root: Path) -> None:
    with _open(root) as repository:
        tag(repository, "lenet@1", "golden")


def _remove(root: Path) -> None:
    with _open(root) as repository:
        remove(repository, ["other@1", "other@2"])


def _gc(root: Path) -> None:
    with _open(root) as repository:
        collect_garbage(repository, grace_days=0)


def _archive(root: Path) -> None:
    """To deltas, and to whole matrices, with a collection after each: every kind of move."""
    with _open(root) as repository:
        for alpha in (100, 1):
            archive(repository, options=ArchiveOptions(alpha=alpha, threads=1))
            collect_garbage(repository)


def _copy(root: Path) -> None:
    with _open(root) as repository:
        copy(repository, "lenet@1", "child")


def _publish(root: Path) -> None:
    with _open(root) as repository:
        publish(repository, [resolve(repository, "leaning")], FolderRemote.create(root / "remote"))


def _fetch(root: Path) -> None:
    """What the template's remote has, and the template has not."""
    with _open(root) as repository:
        remote = FolderRemote.open(root / "elsewhere")
        fetch(repository, remote, everything(remote))


OPERATIONS: dict[str, Callable[[Path], None]] = {
    "init": lambda root: Repository.init(root / "new").close(),
    "commit-files": _commit_files,
    "commit-memory": _commit_memory,
    "commit-delta": _commit_delta,
    "commit-network": _commit_network,
    "merge": _merge,
    "names": _names,
    "remove": _remove,
    "gc": _gc,
    "archive": _archive,
    "copy": _copy,
    "config": lambda root: set_value(root / ".dlv/config", "user.name", "Ada") and None,
    "publish": _publish,
    "fetch": _fetch,
    "rebuild": lambda root: rebuild(root) and None,
}


class _At:
    """Counts instants, and lets the chosen one go wrong."""

    def __init__(self, point: int, mode: str) -> None:
        self.point = point
        self.mode = mode
        self.seen = 0

    def __call__(self, step: str, path: Path) -> None:
        if self.mode == "full" and step not in WRITES:
            return
        self.seen += 1
        if self.seen == self.point:
            if self.mode == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise StorageError(f"cannot {step} {path}: {os.strerror(errno.ENOSPC)}")


def _child(case: dict[str, object], answer: int) -> None:
    at = _At(int(str(case["point"])), str(case["mode"]))
    durable.checkpoint = at
    found: dict[str, object] = {"status": "done"}
    try:
        OPERATIONS[str(case["operation"])](Path(str(case["root"])))
    except StorageError as error:
        found = {"status": "error", "error": str(error)}
    found["points"] = at.seen
    os.write(answer, json.dumps(found).encode())
    os._exit(0)


def run(case: dict[str, object]) -> dict[str, object]:
    root = Path(str(case["root"]))
    shutil.copytree(str(case["template"]), root)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(case, writing)
    os.close(writing)
    delay = case.get("delay")
    if delay is not None:
        signal.setitimer(signal.ITIMER_REAL, float(str(delay)))
        signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return json.loads(data) if data else {"status": "killed", "points": 0}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
