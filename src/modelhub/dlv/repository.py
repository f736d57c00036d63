"""The Python door: a repository, its versions, their tensors."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.capture import capture_module, module_wrapper
from modelhub.dlv.catalog.versions import (
    files_of,
    hyperparameters_of,
    living,
    metrics_of,
    parents_of,
    ref_of,
    refs_of,
    snapshot_rows,
    tensors_of,
    version_row,
)
from modelhub.dlv.comparison import VersionComparison
from modelhub.dlv.histories import main_courses
from modelhub.dlv.naming import Resolved, resolve_all
from modelhub.dlv.networks import NAMES, read_network
from modelhub.dlv.notebook import notebook_html
from modelhub.dlv.operations.checkout import CheckedOut, checkout
from modelhub.dlv.operations.commit import CommitOptions, Committed, commit, commit_state
from modelhub.dlv.operations.desc import Description, describe
from modelhub.dlv.operations.diff import PARTS, diff
from modelhub.dlv.operations.list import list_versions
from modelhub.dlv.pages.description import description_document
from modelhub.dlv.pages.versions import versions_document
from modelhub.dlv.tensors import Tensors
from modelhub.dlv.versions import Setting, SnapshotTensor, VersionFile, VersionRef
from modelhub.dlv.weights import network_weights
from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.wrappers import FRAMEWORKS, MODULES, ModuleWrapper

ROWS = 30  # versions that a notebook shows of a repository
Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


class Repository(BaseRepository):
    """A repository of models.

    `Repository.init(folder)` starts one, `Repository.open(folder)` opens it,
    `Repository.find(folder)` looks for it above, too. `repository["lenet@2"]` is a version,
    as every revision of docs/spec/revisions.md names one.
    """

    def __getitem__(self, revision: str) -> "ModelVersion":
        """The version that a revision names.

        Raises:
            NotFoundError: there is none; says what there is instead.
        """
        return ModelVersion(self, resolve_all(self, revision))

    def __iter__(self) -> Iterator["ModelVersion"]:
        """All versions, in the order in which they were made."""
        for row in living(self.catalog):
            yield self[ref_of(row).id]

    def commit(
        self,
        name: str,
        content: Mapping[str, object] | Paths | Any,
        example_inputs: Any = None,
        *,
        message: str = "",
        parents: Sequence["str | ModelVersion"] = (),
        metrics: Mapping[str, float] | None = None,
        hyperparameters: Mapping[str, Setting] | None = None,
        tags: Sequence[str] = (),
        snapshot: str | None = None,
        step: int | None = None,
    ) -> "ModelVersion":
        """Record a module, a state dict, or files; the latest version if nothing changed.

        A module (`torch.nn.Module`) gives its weights and its network, which is followed on
        `example_inputs`: a tensor, a tuple of them, or a mapping by argument; without them only
        the tree of its parts is known. A state dict maps names to arrays or tensors. Neither is
        copied in memory. Paths are files or folders below the repository's root.

        Raises:
            InputError: a name, value, file or example input cannot be used; nothing is recorded.
            ConflictError: a file changed while it was read.
        """
        options = CommitOptions(
            message=message,
            parents=[p.id if isinstance(p, ModelVersion) else p for p in parents],
            metrics=metrics or {},
            hyperparameters=hyperparameters or {},
            tags=tags,
            snapshot=snapshot,
            step=step,
        )
        return self[self._commit(name, content, example_inputs, options).version.id]

    def _commit(
        self, name: str, content: Any, example_inputs: object, options: CommitOptions
    ) -> Committed:
        wrapper = module_wrapper(content)
        if wrapper is not None:
            captured = capture_module(content, example_inputs)
            given = replace(options, network=captured, network_from="the module")
            return commit_state(self, name, wrapper.state(content), options=given)
        if example_inputs is not None:
            raise InputError("example inputs are for modules; what is committed is none")
        if isinstance(content, Mapping):
            return commit_state(self, name, content, options=options)
        if not isinstance(content, str | PathLike | Sequence):
            raise InputError(
                f"a {type(content).__qualname__} cannot be committed; "
                "give a module, a state dict, or paths"
            )
        paths = [content] if isinstance(content, str | PathLike) else list(content)
        if not paths:
            raise InputError("there is nothing to commit: the list of paths is empty")
        return commit(self, name, paths=[self.root / path for path in paths], options=options)

    def compare(
        self,
        before: "str | ModelVersion",
        *after: "str | ModelVersion",
        only: Collection[str] = PARTS,
        is_exact: bool = False,
    ) -> VersionComparison:
        """A version beside one or several others, as `dlv diff` compares them.

        Args:
            before: a revision, or a version.
            after: the others.
            only: the parts to compare: network, weights, config, metrics, files.
            is_exact: read changed tensors whole, however large.

        Raises:
            InputError: there is none to compare with.
            NotFoundError: no such version, snapshot or tensor.
        """
        if not after:
            raise InputError("name a version to compare with: repository.compare(before, after)")
        revisions = [each if isinstance(each, str) else each.id for each in (before, *after)]
        found = [diff(self, revisions[0], r, only=only, is_exact=is_exact) for r in revisions[1:]]
        return VersionComparison(self, found)

    def __repr__(self) -> str:
        return f"Repository({str(self.root)!r})"

    def _repr_html_(self) -> str:
        rows = list_versions(self)
        shown = [row.version.id for row in rows[:ROWS]]
        courses = main_courses(self, shown)
        return notebook_html(list(versions_document(rows, courses, most=ROWS)))


class ModelVersion:
    """One version of a model; what it holds is read when it is looked at."""

    def __init__(self, repository: Repository, resolved: Resolved) -> None:
        self._repository = repository
        self._resolved = resolved

    @property
    def id(self) -> str:
        """The version id."""
        return self.ref.id

    @property
    def name(self) -> str:
        """The model's name."""
        return self.ref.name

    @property
    def number(self) -> int:
        """The number of the version among those of its name."""
        return self.ref.number

    @property
    def ref(self) -> VersionRef:
        """All its names."""
        return self._resolved.ref

    @cached_property
    def _row(self) -> Any:
        """Its row of the catalog."""
        row = version_row(self._repository.catalog, self.ref.id)
        assert row is not None
        return row

    @cached_property
    def description(self) -> Description:
        """Everything that is known of it, as `dlv desc` shows it."""
        return describe(self._repository, self._revision)

    @property
    def message(self) -> str:
        """What changed, and why."""
        return str(self._row.message)

    @property
    def metrics(self) -> Mapping[str, float]:
        """Final values, annotated ones included."""
        return metrics_of(self._repository.catalog, self._row.key)

    @property
    def hyperparameters(self) -> Mapping[str, Any]:
        """Settings, by flat names."""
        return hyperparameters_of(self._repository.catalog, self._row.key)

    @property
    def files(self) -> Sequence[VersionFile]:
        """Its files, by path."""
        return files_of(self._repository.catalog, self._row.key)

    @property
    def parents(self) -> list["ModelVersion"]:
        """The versions that it was made from, of those that are still there."""
        catalog = self._repository.catalog
        ids = parents_of(catalog, self._row.key)
        known = refs_of(catalog, ids)
        return [self._repository[id_] for id_ in ids if id_ in known]

    @property
    def snapshots(self) -> list[str]:
        """The names of its snapshots; `repository["name@rev/snapshot"]` is the version there."""
        return [row.name for row in snapshot_rows(self._repository.catalog, self._row.key)]

    @cached_property
    def tensors(self) -> Tensors:
        """The tensors of the snapshot that was named, or else of the last one; lazy."""
        found = self._tensors()
        return Tensors(self._repository, self._resolved.choose(found) if found else [])

    def _tensors(self) -> list[SnapshotTensor]:
        """All tensors of the snapshot."""
        catalog = self._repository.catalog
        snapshot = self._resolved.snapshot(snapshot_rows(catalog, self._row.key))
        return [] if snapshot is None else tensors_of(catalog, snapshot.key)

    @cached_property
    def network(self) -> Network | None:
        """Its layers and how they follow each other, or None if nothing is known of them."""
        id_ = self._row.network
        return None if id_ is None else read_network(self._repository, id_)

    def module(self, snapshot: str | None = None) -> Any:
        """A module that trains, with the weights of a snapshot; in evaluation mode.

        No source code of the model is needed.

        Args:
            snapshot: its name; the snapshot that was named, or else the last one, if None.

        Raises:
            InputError: there is no network, or it is partial, or the weights do not fit.
            MissingExtraError: the framework that it is of is not installed.
        """
        if snapshot is not None:
            return self._repository[f"{self.ref}/{snapshot}"].module()
        network, wrapper = self._buildable()
        return wrapper.build(network, network_weights(self._repository, network, self._tensors()))

    def source(self) -> str:
        """Readable Python of what `module()` gives.

        Raises:
            InputError: there is no network, or it is partial.
        """
        network, wrapper = self._buildable()
        return wrapper.source(network)

    def _buildable(self) -> tuple[Network, ModuleWrapper]:
        network = self.network
        if network is None or network.dialect == NAMES:
            raise InputError(
                f"{self.ref} has no network, only weights; commit the module itself, or name what "
                "builds it with: dlv commit --network package.module:function"
            )
        if network.partial is not None:
            raise InputError(f"the network of {self.ref} is partial: {network.partial}")
        framework = FRAMEWORKS.get(network.dialect, network.dialect)
        if framework not in set(MODULES):
            raise InputError(
                f"the network of {self.ref} is of {network.dialect}, of which no module is built"
            )
        return network, MODULES.get(framework)

    def state_dict(self) -> dict[str, Any]:
        """All tensors, as numpy arrays, in the order of the file."""
        return {name: tensor.numpy() for name, tensor in self.tensors.items()}

    def checkout(
        self,
        to: str | PathLike[str] | None = None,
        *,
        paths: Sequence[str] = (),
        force: bool = False,
    ) -> CheckedOut:
        """Write its files into a folder, byte for byte.

        Raises:
            ConflictError: a file with other bytes is in the way, and `force` is not set.
        """
        folder = None if to is None else Path(to)
        return checkout(self._repository, self._revision, to=folder, paths=paths, force=force)

    @property
    def _revision(self) -> str:
        """What was asked for, with the id in place of the name, so that it stays the same."""
        asked = self._resolved.revision
        snapshot = "" if asked.snapshot is None else f"/{asked.snapshot}"
        step = "" if asked.step is None else f"#step={asked.step}"
        return f"{self.ref}{snapshot}{step}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelVersion) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"ModelVersion({str(self.ref)!r}, {self.id[:12]})"

    def _repr_html_(self) -> str:
        return notebook_html(description_document(self._repository, self.description))
