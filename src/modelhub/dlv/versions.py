"""What a repository holds: model versions, their snapshots and files, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from modelhub.values import BlobId, FileId, Scalar, Shape, TensorInfo, VersionId, View

Setting = Scalar | Sequence[Scalar]


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotTensor:
    """A tensor of a snapshot, by its name there.

    `view` is set where the name stands for a strided view of the stored tensor.
    """

    name: str
    info: TensorInfo
    view: View | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents that the framework sees."""
        return self.info.shape if self.view is None else self.view.shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One checkpoint of a version: a named list of tensors (the paper's s_i)."""

    name: str
    step: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    tensors: Sequence[SnapshotTensor] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The tensors of a snapshot, before they are stored: name -> dtype and shape."""

    snapshot: str
    tensors: Mapping[str, tuple[str, Shape]]

    @property
    def shapes(self) -> dict[str, Shape]:
        """Only the shapes."""
        return {name: shape for name, (_, shape) in self.tensors.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFile:
    """A file that belongs to a version; `path` is relative to the repository's root."""

    path: str
    id: FileId
    size: int
    role: str
    format: str
    snapshot: str | None = None
    executable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version holds; two versions of equal content hold the same model."""

    network: str | None = None
    hyperparameters: Mapping[str, Setting] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    history: BlobId | None = None
    snapshots: Sequence[Snapshot] = ()
    files: Sequence[VersionFile] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The immutable description of a version (docs/spec/manifest.md)."""

    name: str
    parents: Sequence[VersionId]
    created: str
    author: str
    message: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRef:
    """A version's names: the id, and `name@number`."""

    id: VersionId
    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name}@{self.number}"
