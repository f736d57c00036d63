"""A version's network, made to run with the weights of a snapshot."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelhub import durable
from modelhub.dlv.catalog.versions import files_of, tensors_of
from modelhub.dlv.files import file_parts
from modelhub.dlv.networks import NAMES, read_network
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.versions import VersionRef
from modelhub.dlv.weights import network_weights
from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.wrappers import FRAMEWORKS, RUNNERS, Model, Reloadable, Runner, Weight

UNREAD = ("optimizer", "log")  # roles of files that no runner needs


def runnable_network(repository: ReadableRepository, ref: VersionRef, row: Any) -> Network:
    """The network of a version, if it can be run.

    Raises:
        InputError: it is not known, or partial, or there is no runner for it; says why.
    """
    network = None if row.network is None else read_network(repository, row.network)
    if network is None or network.dialect == NAMES:
        raise InputError(
            f"{ref} has no network, only weights; record one with: dlv commit {ref.name} FILES "
            "--network pkg.mod:build --example-input 1,3,224,224"
        )
    if network.partial is not None:
        raise InputError(f"the network of {ref} cannot be run, it is partial: {network.partial}")
    if runner_name(network) not in set(RUNNERS):
        known = ", ".join(RUNNERS) or "none"
        raise InputError(
            f"nothing here runs networks of the dialect {network.dialect!r}, as that of {ref} is; "
            f"there are runners: {known}"
        )
    return network


def runner_name(network: Network) -> str:
    """What the runner of a network is called: like the framework, or else like the dialect."""
    return FRAMEWORKS.get(network.dialect, network.dialect)


class RunningVersion:
    """One version's network, which takes the weights of one snapshot after another."""

    def __init__(self, repository: ReadableRepository, row: Any, network: Network) -> None:
        self._repository = repository
        self._row = row
        self._network = network
        self._runner: Runner = RUNNERS.get(runner_name(network))
        self._model: Model | None = None

    @contextmanager
    def at(self, snapshot: Any) -> Iterator[Model]:
        """The model with the weights of a snapshot, a row of the catalog.

        The network is built once where the runner can change its weights in place; else the
        model before is let go first, so that there is never a second copy of the weights.

        Raises:
            InputError: the weights do not fit the network.
        """
        if self._runner.needs_files:
            with self._files(snapshot) as files:
                yield self._runner.load(self._network, {}, files)
        else:
            found = tensors_of(self._repository.catalog, snapshot.key)
            yield self._reloaded(network_weights(self._repository, self._network, found))

    def _reloaded(self, weights: Mapping[str, Weight]) -> Model:
        kept, self._model = self._model, None
        if isinstance(kept, Reloadable):
            kept.reload(weights)
        else:
            del kept
            kept = self._runner.load(self._network, weights, {})
        self._model = kept
        return kept

    @contextmanager
    def _files(self, snapshot: Any) -> Iterator[Mapping[str, Path]]:
        files = [
            file
            for file in files_of(self._repository.catalog, self._row.key)
            if file.snapshot in {None, snapshot.name} and file.role not in UNREAD
        ]
        with tempfile.TemporaryDirectory(prefix="dlv-") as folder:
            places = {file.path: Path(folder) / file.path for file in files}
            for file in files:
                durable.make_folder(places[file.path].parent)
                parts = file_parts(self._repository, file.id)
                durable.write_output(places[file.path], parts)
            yield places
