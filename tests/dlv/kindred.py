"""Repositories whose versions resemble each other: what `archive` is for."""

import numpy as np

from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state


def tuned(seed, *, of=1, by=1e-3):
    """Weights of two layers and a small one; those of other seeds differ by `by`."""
    shapes = {"conv": (30, 100), "fc": (50, 80)}
    state = {"bias": np.full(5, seed, np.float32)}
    for number, (name, shape) in enumerate(shapes.items()):
        base = np.random.default_rng([of, number]).normal(0, 0.1, shape)
        noise = np.random.default_rng([seed, number, 7]).normal(0, 0.1, shape)
        state[name] = (base + by * noise * bool(seed)).astype(np.float32)
    return state


def fill(repository, versions=4, name="net"):
    """Versions in a row, each near the first one."""
    for seed in range(versions):
        commit_state(repository, name, tuned(seed))


def fill_files(repository, save, steps=4, name="run"):
    """One version with several snapshots, all whole: candidates are of earlier commits only."""
    files = [
        save(f"{name}/model_{step:04}.safetensors", tuned(step, of=9)) for step in range(steps)
    ]
    commit(repository, name, paths=files, options=CommitOptions())


def weights(repository):
    """All tensors of all snapshots, as they are read."""
    return {
        (str(version.ref), snapshot, name): tensor.numpy().copy()
        for version in repository
        for snapshot in version.snapshots
        for name, tensor in repository[f"{version.ref}/{snapshot}"].tensors.items()
    }


def are_equal(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)
