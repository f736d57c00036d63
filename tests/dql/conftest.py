"""A small repository that queries are run on; nothing here changes it."""

import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from safetensors.numpy import save_file
from small_networks import small_captured, small_state

from modelhub.dlv.operations.commit import CommitOptions, commit, commit_state
from modelhub.dlv.repository import Repository
from modelhub.dql import query

Rows = Callable[..., list[list[object]]]
MODELS: Mapping[str, CommitOptions] = {
    "alexnet_a": CommitOptions(
        network=small_captured(kind="MAX"),
        metrics={"accuracy": 0.9, "loss": 0.3},
        hyperparameters={"base_lr": 0.1, "solver.type": "SGD"},
        message="the first",
        tags=["v1"],
    ),
    "alexnet_b": CommitOptions(
        network=small_captured(kind="AVG"),
        metrics={"accuracy": 0.8},
        hyperparameters={"base_lr": 0.01},
        parents=["alexnet_a@1"],
    ),
    "alexnet-c": CommitOptions(network=small_captured(kind="MAX"), parents=["alexnet_b@1"]),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """alexnet_a@1 (MAX) <- alexnet_b@1 (AVG) <- alexnet-c@1 (MAX), and course@1 with a history."""
    root = tmp_path_factory.mktemp("models")
    with Repository.init(root) as found:
        for name, options in MODELS.items():
            commit_state(found, name, small_state(1), options=options)
        for step, loss in ((10, 0.5), (20, 0.25)):
            save_file(small_state(step), root / f"step-{step}.safetensors")
            with (root / "metrics.jsonl").open("a") as log:
                log.write(json.dumps({"step": step, "val_loss": loss}) + "\n")
        commit(found, "course", paths=[root / "metrics.jsonl", *root.glob("*.safetensors")])
        yield found


@pytest.fixture
def rows(models: Repository) -> Rows:
    """Run a query; its rows, with versions as `name@number`."""

    def run(text: str, **parameters: object) -> list[list[object]]:
        found = query(models, text, **parameters)  # type: ignore[arg-type]
        return [[str(v) if hasattr(v, "number") else v for v in row] for row in found.rows]

    return run
