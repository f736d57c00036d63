"""One trial, from its task to its end, in whatever process it is trained."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from modelhub.dlv.operations.eval import ends_in_softmax, wanted_inputs
from modelhub.dlv.reading import ReadableRepository
from modelhub.dql.candidates import Candidate, read, trainer_of, written
from modelhub.errors import InputError
from modelhub.evaluation import Feed, load_named
from modelhub.network import Network, layer_aliases, layer_graph, parse_selector, select_nodes
from modelhub.trials import (
    FINISHED,
    Ending,
    Loop,
    Reporter,
    Send,
    measured_metrics,
    open_trial_data,
    recipe_of,
    save_state,
)
from modelhub.wrappers import Training

_AT_ONCE = 256  # examples that are measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker needs to train a trial.

    Attributes:
        root: of the repository, from which weights are read by their ids.
        candidate: the network.
        config: whole, the trial's own settings in it.
        needed: metrics that rules ask for.
        milestones: steps that rules ask for.
        folder: where checkpoints go.
        threads: that one step may use.
    """

    root: Path
    candidate: Candidate
    config: Mapping[str, Any]
    needed: Sequence[str]
    milestones: Sequence[int]
    folder: Path
    threads: int


def train(task: Task, send: Send) -> Ending:
    """Train one trial.

    Raises:
        StopTrial: it was told to stop.
        ModelHubError: it cannot be trained.
    """
    config = task.config
    with ReadableRepository.open(task.root) as repository:
        network = _network(task.root, json.dumps(written(task.candidate)))
        weights = task.candidate.weights(repository, network, config["seed"])
        is_probable = ends_in_softmax(network, config["output"])
        recipe = recipe_of(
            config,
            multiples(network, config["net"]),
            has_probabilities=is_probable,
            threads=task.threads,
        )
        training = trainer_of(network).start(network, weights, recipe)
    wanted, fixed = wanted_inputs(network, training.model.inputs)
    data = open_trial_data(config, wanted)
    report = Reporter(send, task.needed)

    def save(step: int, state: Mapping[str, object]) -> None:
        save_state(task.folder, step, state)

    size = config["batch_size"] if fixed is None else fixed
    if config["train"] is not None:
        _train_by(config, training, data.train, size, report)
        save(report.step, training.state())
    else:
        Loop(
            training=training,
            data=data,
            config=config,
            metrics=measured_metrics(config, task.needed),
            milestones=task.milestones,
            batch_size=size,
            measured_at_once=_AT_ONCE if fixed is None else fixed,
            has_probabilities=is_probable,
            report=report,
            save=save,
        ).run()
    return Ending(state=FINISHED, step=report.step)


@lru_cache(maxsize=8)
def _network(root: Path, candidate: str) -> Network:
    """The network of a candidate, as it is written; made once in a process.

    Shapes of a construction take seconds to follow, and many trials have one network.
    """
    with ReadableRepository.open(root) as repository:
        return read(json.loads(candidate)).network(repository)


def multiples(network: Network, net: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """What the learning rate of each parameter is multiplied by; the last selector counts."""
    graph = layer_graph(network)
    aliases = layer_aliases(graph.layers)
    return {
        state: table["lr"]
        for selector, table in net.items()
        for name, _ in select_nodes(parse_selector(selector), graph, aliases)
        for state in network.by_name[name].states
    }


def _train_by(
    config: Mapping[str, Any], training: Training, feed: Feed, size: int, report: Reporter
) -> None:
    """Let the user's function train.

    Raises:
        InputError: it reports nothing.
    """
    function = load_named(config["train"])

    def batches() -> Iterator[tuple[Any, Any]]:
        for batch in feed.batches(size):
            inputs = list(batch.inputs.values())
            yield (inputs[0] if len(inputs) == 1 else dict(batch.inputs)), batch.labels

    function(training.module, batches, dict(config), report)
    if report.step == 0:
        raise InputError(f"{config['train']} has reported nothing; call report(step, loss=…)")
