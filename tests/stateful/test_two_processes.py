"""Two processes at once on one repository: nothing that either was told is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from modelhub.dlv import check
from modelhub.dlv.repository import Repository

SECONDS = float(os.environ.get("DLV_TEST_SECONDS", "6"))  # CONTRIBUTING.md
WORKER = """
import json, sys, time
import numpy as np
from modelhub import Repository
from modelhub.dlv import ArchiveOptions, alias, archive, collect_garbage, remove
from modelhub.dlv.maintenance import merge_small_packs
from modelhub.errors import ConflictError

root, me, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
noise = np.random.default_rng(0).normal(size=2000)
told, end, number = [], time.monotonic() + seconds, 0
with Repository.open(root) as repository:
    while time.monotonic() < end:
        number += 1
        value = number * 10 + int(me)
        # Both commit the same tensor, too, so that each may build on what the other frees.
        tuned = noise + 1e-4 * np.random.default_rng(value).normal(size=2000)
        state = {"own": np.full(2000, value, np.float32), "shared": np.full(2000, number % 3.0)}
        state["tuned"] = tuned.astype(np.float32)
        version = repository.commit("net", state)
        told.append((version.id, value))
        alias(repository, version.id, f"last-{me}")
        if number % 4 == 0:
            dropped, _ = told.pop(0)
            remove(repository, [dropped])
        try:
            if number % 3 == 0:
                collect_garbage(repository, grace_days=0)
            if number % 5 == 0:
                merge_small_packs(repository, fan_in=2)
            if number % 4 == 1:
                archive(repository, options=ArchiveOptions(alpha=[1, 50][number % 8 == 1]))
        except ConflictError:
            pass  # locked, or the other one was faster
print(json.dumps(told))
"""


def test_both_keep_what_they_were_told(tmp_path: Path) -> None:
    """Commits, removals, collections, merges and plans side by side."""
    Repository.init(tmp_path).close()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(tmp_path), str(me), str(SECONDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for me in (1, 2)
    ]
    answers = [worker.communicate(timeout=120 + 2 * SECONDS) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], [err for _, err in answers]
    told = [pair for out, _ in answers for pair in json.loads(out)]

    assert len(told) > 4
    with Repository.open(tmp_path) as repository:
        assert check(repository).is_clean
        for version in repository:
            for tensor in version.tensors.values():
                tensor.numpy()
        for id_, value in told:
            assert np.array_equal(
                repository[id_].tensors["own"].numpy(), np.full(2000, value, np.float32)
            )
        numbers = [version.number for version in repository]
        assert len(set(numbers)) == len(numbers)
