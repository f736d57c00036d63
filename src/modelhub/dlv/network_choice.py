"""Which network the weights of a commit belong to: the best that anything says of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelhub.dlv.catalog.versions import (
    files_of,
    ref_of,
    snapshot_rows,
    tensors_of,
    version_row,
)
from modelhub.dlv.describing import DESCRIBING
from modelhub.dlv.networks import NAMES, read_network
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.versions import Weights
from modelhub.errors import InputError
from modelhub.identity import hasher
from modelhub.network import Network, fit_weights, names_network
from modelhub.values import FileId, Shape, VersionId
from modelhub.wrappers import NETWORK_READERS, Captured

MAX_NAMED = 20_000  # tensors; names of more tell nobody anything, and take seconds to store
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The network of a commit.

    Attributes:
        captured: the network; None if nothing is known of it.
        origin: where it comes from, for people.
        notes: what the user should know, a line each.
    """

    captured: Captured | None = None
    origin: str = ""
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parent:
    """A parent that has a network."""

    ref: str
    network: Network
    files: Mapping[tuple[str, int], FileId] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)


def choose_network(
    repository: ReadableRepository,
    weights: Sequence[Weights],
    *,
    given: Captured | None,
    origin: str,
    paths: Sequence[str] = (),
    parents: Sequence[VersionId] = (),
) -> Choice:
    """The network that the most informative source tells of.

    In this order: what is given; a file that describes a whole network which the weights fit;
    the network of a parent whose weights have the same names and shapes, or which fits; a file
    whose network is partial or does not fit, with a note; the names of tensors. A file that a
    parent had, too, is not read again.

    Args:
        repository: where the parents are.
        weights: of all snapshots, the last one last.
        given: what the user said explicitly.
        origin: where that comes from.
        paths: files of the commit, relative to the root.
        parents: what the version will descend from.

    Raises:
        InputError: the weights do not fit the network that is given; says which.
    """
    if given is not None:
        problem = _problem(given.network, weights)
        if problem:
            raise InputError(f"the weights do not fit the network of {origin}: {problem}")
        return Choice(captured=given, origin=origin, notes=given.notes)
    return _Search(repository, weights, paths, parents).run()


def _problem(network: Network, weights: Sequence[Weights]) -> str:
    """What does not fit, in one line; empty if all does."""
    for each in weights:
        fit = fit_weights(network, each.shapes)
        if not fit.is_exact:
            where = f" (snapshot {each.snapshot})" if len(weights) > 1 else ""
            return fit.problem + where
    return ""


class _Search:
    """Looks for a network in files and parents."""

    def __init__(
        self,
        repository: ReadableRepository,
        weights: Sequence[Weights],
        paths: Sequence[str],
        parents: Sequence[VersionId],
    ) -> None:
        self.repository = repository
        self.weights = weights
        self.paths = paths
        self.parents = [p for p in map(self._parent, parents) if p is not None]
        self.notes: list[str] = []

    def run(self) -> Choice:
        second: list[Choice] = []
        for found in self._described():
            assert found.captured is not None
            problem = _problem(found.captured.network, self.weights)
            if not problem and found.captured.network.partial is None:
                return self._told(found)
            if problem:
                self.notes.append(
                    f"the weights do not fit the network of {found.origin}: {problem}"
                )
            second.append(found)
        kept = self._kept()
        if kept is not None:
            return self._told(kept)
        second.sort(
            key=lambda each: each.captured is None or each.captured.network.partial is not None
        )
        return self._told(second[0] if second else self._named())

    def _named(self) -> Choice:
        """The layers that the names of the last snapshot's tensors tell of."""
        if not self.weights or not 0 < len(self.weights[-1].tensors) <= MAX_NAMED:
            return Choice()
        tensors = self.weights[-1].tensors.items()
        network = names_network([(name, *found) for name, found in tensors])
        return Choice(captured=Captured(network=network), origin="the names of its tensors")

    def _told(self, choice: Choice) -> Choice:
        more = choice.captured.notes if choice.captured is not None else ()
        return Choice(captured=choice.captured, origin=choice.origin, notes=[*self.notes, *more])

    def _described(self) -> Iterator[Choice]:
        """Networks that files of the commit describe, the most informative kind first."""
        known = [*DESCRIBING, *(name for name in NETWORK_READERS if name not in DESCRIBING)]
        for name in known:
            looks = DESCRIBING.get(name)
            for path in reversed(self.paths):  # of several, that of the last snapshot
                place = self.repository.root / path
                if looks is not None and not looks(place):
                    continue
                found = self._reused(path, place) or self._read(name, path, place)
                if found is not None:
                    yield found
                    break

    def _reused(self, path: str, place: Path) -> Choice | None:
        """The network of a parent that had the same file."""
        key = (path, place.stat().st_size)
        for parent in self.parents:
            if parent.network.dialect == NAMES or key not in parent.files:
                continue
            if parent.files[key] == _file_id(place) and not _problem(parent.network, self.weights):
                return Choice(captured=Captured(network=parent.network), origin=parent.ref)
        return None

    def _read(self, name: str, path: str, place: Path) -> Choice | None:
        try:
            reader = NETWORK_READERS.get(name)
            if not reader.claims(place):
                return None
            return Choice(captured=reader.read(place), origin=f"{path} ({name})")
        except Exception as error:  # noqa: BLE001 - whatever a reader meets, the files are committed
            lines = str(error).splitlines() or [type(error).__name__]
            self.notes.append(f"{path}: its network was not read: {lines[0]}")
            return None

    def _kept(self) -> Choice | None:
        """The network of a parent that has weights of these names and shapes, or fits them."""
        if not self.weights:
            return None
        for parent in self.parents:
            if parent.network.dialect == NAMES:
                continue
            is_same = parent.shapes == self.weights[-1].shapes
            if is_same or not _problem(parent.network, self.weights):
                return Choice(captured=Captured(network=parent.network), origin=parent.ref)
        return None

    def _parent(self, id_: VersionId) -> _Parent | None:
        catalog = self.repository.catalog
        row = version_row(catalog, id_)
        if row is None or row.network is None:
            return None
        snapshots = snapshot_rows(catalog, row.key)
        tensors = tensors_of(catalog, snapshots[-1].key) if snapshots else []
        return _Parent(
            ref=str(ref_of(row)),
            network=read_network(self.repository, row.network),
            files={(each.path, each.size): each.id for each in files_of(catalog, row.key)},
            shapes={each.name: tuple(each.shape) for each in tensors},
        )


def _file_id(path: Path) -> FileId:
    digest = hasher()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return FileId(digest.hexdigest())
