"""Kill -9 and a full disk at every instant: nothing that was reported is ever lost."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file
from small_networks import small_captured, small_state
from victim import new_state, tuned_state

from modelhub.dlv.naming import resolve
from modelhub.dlv.networks import read_network
from modelhub.dlv.operations.archive import ArchiveOptions, archive
from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.operations.fsck import check
from modelhub.dlv.operations.gc import collect_garbage
from modelhub.dlv.operations.names import remove, tag
from modelhub.dlv.repository import Repository
from modelhub.network import network_id
from modelhub.remotes import FolderRemote, everything, fetch, publish

OPERATIONS = (
    *("init", "commit-files", "commit-memory", "commit-delta", "commit-network", "merge"),
    *("names", "remove", "gc", "archive", "copy", "config", "rebuild"),
    *("publish", "fetch"),
)
STRIDE = {"publish": 7, "fetch": 7, "archive": 3}  # of very many alike, one in so many
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with models, removed ones, one of which is a base, and files to commit."""
    root = tmp_path_factory.mktemp("template") / "models"
    root.mkdir()
    with Repository.init(root) as repository:
        (root / "work").mkdir()
        save_file(new_state(1), root / "work/model_0001.safetensors")
        (root / "work/train.py").write_text("print(1)\n")
        commit(repository, "lenet", paths=[root / "work"])
        for seed in (2, 3):
            repository.commit("other", new_state(seed))
        options = CommitOptions(network=small_captured(kind="AVG"))
        commit_state(repository, "gone", small_state(4), options=options)
        repository.commit("base", new_state(6))
        repository.commit("leaning", tuned_state(6))
        for seed in (7, 8):
            name = f"steps/model_{seed:04}.safetensors"
            (root / "steps").mkdir(exist_ok=True)
            save_file(tuned_state(7, noise=seed), root / name)
        commit(repository, "steps", paths=[root / "steps"])
        archive(repository, options=ArchiveOptions(dry_run=True))  # costs are measured once
        remove(repository, ["gone", "base"])
        leaning = repository.catalog.ask("select key from copy where base is not null")
        assert len(leaning) == 1
        save_file(new_state(5), root / "work/model_0002.safetensors")
    _publish_others(root)
    return root


def _publish_others(root: Path) -> None:
    """A remote with a model of another repository, and its fine-tune."""
    with Repository.init(root.parent / "others") as repository:
        repository.commit("fresh", new_state(8))
        repository.commit("fresh", tuned_state(8))
        tag(repository, "fresh@1", "v1")
        remote = FolderRemote.create(root / "elsewhere")
        refs = [resolve(repository, each) for each in ("fresh@1", "fresh@2")]
        publish(repository, refs, remote)


@pytest.fixture(scope="module")
def run(template: Path) -> Iterator[Run]:
    """Run one case in the victim; its answer."""
    victim = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("victim.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(root: Path, operation: str, **more: Any) -> dict[str, Any]:
        assert victim.stdin is not None
        assert victim.stdout is not None
        case = {"template": str(template), "root": str(root), "operation": operation}
        case |= {"point": 0, "mode": "kill", **more}
        victim.stdin.write(json.dumps(case) + "\n")
        victim.stdin.flush()
        answer: dict[str, Any] = json.loads(victim.stdout.readline())
        return answer

    yield ask
    assert victim.stdin is not None
    victim.stdin.close()
    assert victim.wait(10) == 0
    assert victim.stdout is not None
    victim.stdout.close()


def assert_sound(root: Path, *, is_gc: bool) -> None:
    """Clean, complete, and free of leftovers after the next collection."""
    with Repository.open(root) as repository:
        found = check(repository)
        assert found.is_clean, found.damages
        for version, seed in (("lenet@1", 1), ("other@1", 2), ("other@2", 3)):
            try:
                tensors = repository[version].tensors
            except LookupError:
                assert version != "lenet@1"  # only `remove` may have taken the others
                continue
            for name, expected in new_state(seed).items():
                assert np.array_equal(tensors[name].numpy(), expected)
        for version in repository:
            for tensor in version.tensors.values():
                tensor.numpy()
            named = version.description.network
            if named is not None:
                assert network_id(read_network(repository, named)) == named
        collect_garbage(repository, grace_days=0 if is_gc else None)
        after = check(repository)
        assert after.is_clean, after.damages
        assert after.leftovers == 0
        assert not list(repository.layout.temporary.iterdir())


def assert_remote_sound(root: Path, tmp_path: Path) -> None:
    """What its refs lead to can be fetched, and after another publish that is everything."""
    if (root / "remote/format").exists():
        found = _fetched(root, tmp_path / "before")
        assert found <= {"leaning@1"}
    with Repository.open(root) as repository:
        publish(repository, [resolve(repository, "leaning")], FolderRemote.create(root / "remote"))
    assert _fetched(root, tmp_path / "after") == {"leaning@1"}


def _fetched(root: Path, folder: Path) -> set[str]:
    remote = FolderRemote.open(root / "remote")
    with Repository.init(folder) as repository:
        done = fetch(repository, remote, everything(remote))
        assert check(repository).is_clean
    shutil.rmtree(folder)
    return {str(each.version) for each in done.versions}


def assert_fetch_goes_on(root: Path) -> None:
    """After a fetch that was cut off, another one brings the rest."""
    with Repository.open(root) as repository:
        remote = FolderRemote.open(root / "elsewhere")
        fetch(repository, remote, everything(remote))
        for version, state in (("fresh@1", new_state(8)), ("fresh@2", tuned_state(8))):
            for name, expected in state.items():
                assert np.array_equal(repository[version].tensors[name].numpy(), expected)
        assert repository["fresh@v1"].id == repository["fresh@1"].id


@pytest.mark.parametrize("operation", OPERATIONS)
def test_killed_at_every_instant(run: Run, tmp_path: Path, operation: str) -> None:
    """A kill before any write, flush, rename or delete leaves a sound repository."""
    point = 1 - STRIDE.get(operation, 1)
    while True:
        point += STRIDE.get(operation, 1)
        root = tmp_path / str(point)
        answer = run(root, operation, point=point)
        if answer["status"] == "done":
            break
        assert answer["status"] == "killed"
        if operation == "init" and not (root / "new/.dlv/format").exists():
            Repository.init(root / "new").close()
        assert_sound(root, is_gc=operation in ("gc", "remove"))
        if operation == "publish":
            assert_remote_sound(root, tmp_path)
        if operation == "fetch":
            assert_fetch_goes_on(root)
            assert_sound(root, is_gc=False)
        shutil.rmtree(root)
    assert point > 5


@pytest.mark.parametrize("operation", OPERATIONS)
def test_disk_full_at_every_write(run: Run, tmp_path: Path, operation: str) -> None:
    """Without space the operation says so in one line, and changes nothing by halves."""
    point = 1 - STRIDE.get(operation, 1)
    while True:
        point += STRIDE.get(operation, 1)
        root = tmp_path / str(point)
        answer = run(root, operation, point=point, mode="full")
        if answer["status"] == "done" and answer["points"] < point:
            break
        if operation != "init":
            assert_sound(root, is_gc=operation in ("gc", "remove"))
        shutil.rmtree(root)
    assert point > 3


@pytest.mark.parametrize(
    "operation",
    ["init", "commit-files", "commit-network", "merge", "gc", "archive", "names", "rebuild"],
)
def test_killed_at_random_times(run: Run, tmp_path: Path, operation: str) -> None:
    """SQLite's own writes are no instants of ours: random times hit them, too."""
    chance = random.Random(operation)
    for number in range(10):
        root = tmp_path / str(number)
        run(root, operation, delay=chance.uniform(0.005, 0.15))
        if operation == "rebuild" and not (root / ".dlv/catalog.db").exists():
            continue  # the error of every command says to run it again
        assert_sound(root, is_gc=operation == "gc")
        shutil.rmtree(root)
