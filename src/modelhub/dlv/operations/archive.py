"""dlv archive: what is stored whole and what as a delta of what, planned anew and done."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.explaining import StoredMatrix, explain
from modelhub.dlv.matrices import Matrices, matrices_of
from modelhub.dlv.naming import resolve_all
from modelhub.dlv.rewriting import Move, check_room, peak_bytes, rewrite
from modelhub.dlv.speeds import costs_of
from modelhub.dlv.storage_ways import Ways, find_ways
from modelhub.errors import ConflictError, InputError, IntegrityError, NotFoundError
from modelhub.pas import (
    DEFAULT_OPTIMIZER,
    ENCODINGS,
    OPTIMIZERS,
    Effort,
    Objective,
    Retrieval,
    SizeEstimator,
    StoragePlan,
    default_alpha,
    default_encoding,
    limit_depth,
    optimize,
    recreation_of,
)
from modelhub.pas import Limits as WriterLimits
from modelhub.values import Progress

NEAREST = {Effort.FAST: 4, Effort.DEFAULT: 8, Effort.THOROUGH: 16}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """What a plan is to keep to.

    Attributes:
        alpha: each snapshot is read within so many times its least recreation; if None, and
            without `budget`, what the graph calls for.
        budget: seconds for each snapshot, in place of `alpha`.
        budgets: seconds by revision; they go before the others.
        per_version: whether all snapshots of a version are one group, that is read together.
        retrieval: what reading a group costs.
        optimizer: a name of `modelhub.optimizers`.
        effort: how long is sought.
        explained: a revision whose matrices are told one by one.
        dry_run: only plan.
        threads: how many estimate and encode; the setting `core.jobs` if None.
    """

    alpha: float | None = None
    budget: float | None = None
    budgets: Mapping[str, float] = field(default_factory=dict)
    per_version: bool = False
    retrieval: Retrieval = Retrieval.INDEPENDENT
    optimizer: str = DEFAULT_OPTIMIZER
    effort: Effort = Effort.DEFAULT
    explained: str | None = None
    dry_run: bool = False
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.alpha is not None and self.budget is not None:
            raise InputError("alpha and a budget for all both say how fast; give one of them")
        Objective(alpha=self.alpha)  # refuses what is below 1
        if self.optimizer not in set(OPTIMIZERS):
            known = ", ".join(sorted(OPTIMIZERS))
            raise NotFoundError(f"no optimizer is called {self.optimizer!r}; there are: {known}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreation:
    """Seconds of one thread to read snapshots back, as this machine was measured."""

    median: float
    worst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """A plan, and what was done for it.

    Attributes:
        snapshots: how many groups are planned for.
        matrices: how many stored tensors.
        ways: how many ways to store them were weighed.
        optimizer: who planned.
        alpha: the multiple of the least recreation that was allowed, if one was.
        before: bytes of the matrices, as they were stored.
        after: as they are stored now; estimated in a dry run.
        bound: no plan within the budgets stores less, as far as sizes are estimated right.
        smallest: bytes of the smallest plan, budgets aside.
        fastest: bytes of the fastest plan.
        recreation_before: of the groups.
        recreation_after: of the groups.
        recreation_least: of the groups, in the fastest plan.
        tightest: the group that uses the greatest share of its budget; none without budgets.
        tightest_share: that share.
        moved: how many matrices are stored otherwise.
        found: how many of these an earlier run had written.
        peak: bytes that are needed beside the old copies until `gc` frees them; at most.
        written: bytes of new objects.
        elapsed_s: seconds.
        dry_run: whether nothing was done.
        explained: matrices of the revision that was asked about.
    """

    snapshots: int
    matrices: int
    ways: int
    optimizer: str
    alpha: float | None
    before: int
    after: int
    bound: int
    smallest: int
    fastest: int
    recreation_before: Recreation
    recreation_after: Recreation
    recreation_least: Recreation
    tightest: str | None
    tightest_share: float
    moved: int
    found: int
    peak: int
    written: int
    elapsed_s: float
    dry_run: bool
    explained: Sequence[StoredMatrix]


def archive(
    repository: BaseRepository,
    revisions: Sequence[str] = (),
    *,
    options: ArchiveOptions | None = None,
    progress: Progress | None = None,
) -> Archived:
    """Plan how matrices are stored, and store them so.

    Ids of versions and tensors do not change. Others read and commit meanwhile. New copies are
    complete and verified before one transaction lets readers use them; a run that is killed
    changes nothing, and the next one takes over what it has written.

    Args:
        repository: where.
        revisions: versions or snapshots whose matrices are planned; all if there are none.
        options: what to keep to.
        progress: told of what is done.

    Raises:
        NotFoundError: no such version, snapshot or optimizer.
        InputError: there is nothing to plan for, or options contradict each other.
        BudgetError: a budget is below the least that is possible.
        ConflictError: another process was faster; nothing was changed.
        StorageError: the disk has too little room.
    """
    given = options or ArchiveOptions()
    start = time.perf_counter()
    with repository.writing("archive"):
        matrices = _matrices(repository, revisions)
        with _beside_others(repository, matrices):
            ways = _ways(repository, matrices, given, progress)
        objective = _objective(repository, ways, given)
        plan = optimize(ways.graph, objective, optimizer=given.optimizer)
        plan = limit_depth(plan, np.array(ways.matrices.room, np.int32), objective)
        moves = _moves(ways, plan)
        explained = _explained(repository, ways, plan, given)
        after, found, written = ways.size(plan.given), 0, 0
        if not given.dry_run:
            check_room(repository, moves)
            with _beside_others(repository, matrices):
                done = rewrite(
                    repository,
                    moves,
                    before=matrices.stored,
                    threads=given.threads,
                    progress=progress,
                )
            after += sum(done.sizes.values()) - sum(each.size for each in moves)
            found, written = done.found, done.written
    return Archived(
        **_facts(ways, plan, objective),
        after=after,
        moved=len(moves),
        found=found,
        peak=peak_bytes(moves),
        written=written,
        elapsed_s=time.perf_counter() - start,
        dry_run=given.dry_run,
        explained=explained,
    )


def _matrices(repository: BaseRepository, revisions: Sequence[str]) -> Matrices:
    matrices = matrices_of(repository, revisions, group_size=WriterLimits().group)
    if not matrices.movable:
        raise InputError(_nothing(repository, matrices))
    return matrices


@contextmanager
def _beside_others(repository: BaseRepository, matrices: Matrices) -> Iterator[None]:
    """What another process has freed is not lost.

    Raises:
        ConflictError: something could not be read since it is needed no more.
    """
    try:
        yield
    except (NotFoundError, IntegrityError) as error:
        if all(repository.index.find_tensor(each.info.id) for each in matrices.stored):
            raise
        raise ConflictError(
            "another process freed versions that were planned for; nothing was changed, "
            "run it again"
        ) from error


def _ways(
    repository: BaseRepository,
    matrices: Matrices,
    given: ArchiveOptions,
    progress: Progress | None,
) -> Ways:
    return find_ways(
        matrices,
        SizeEstimator(repository.reader, ENCODINGS.get(default_encoding())),
        costs_of(repository),
        nearest=NEAREST[given.effort],
        per_version=given.per_version,
        threads=given.threads or repository.threads,
        progress=progress,
    )


def _nothing(repository: BaseRepository, matrices: Matrices) -> str:
    if matrices.stored:
        return "these versions have no matrices that can be stored otherwise"
    return f"{repository.root} holds no snapshots of 4,096 bytes and more; there is nothing to plan"


def _objective(repository: BaseRepository, ways: Ways, given: ArchiveOptions) -> Objective:
    budgets: dict[str, float] = {}
    if given.budget is not None:
        budgets = dict.fromkeys((name for name, _ in ways.groups), given.budget)
    for text, seconds in given.budgets.items():
        budgets |= dict.fromkeys(_named(repository, ways, text, given), seconds)
    alpha = given.alpha
    if alpha is None and not budgets:
        alpha = max(1.0, default_alpha(ways.graph))
    return Objective(retrieval=given.retrieval, alpha=alpha, budgets=budgets, effort=given.effort)


def _named(repository: BaseRepository, ways: Ways, text: str, given: ArchiveOptions) -> list[str]:
    """The groups that a revision names."""
    resolved = resolve_all(repository, text)
    mine = [each for each in ways.matrices.snapshots if each.ref.id == resolved.ref.id]
    if resolved.names_snapshot:
        steps = {row.name for row in [resolved.snapshot(_rows(repository, resolved.ref.id))]}
        mine = [each for each in mine if each.name in steps]
    if not mine:
        raise NotFoundError(f"{text} is none of the snapshots that are planned for")
    return [str(each.ref) if given.per_version else each.label for each in mine]


def _rows(repository: BaseRepository, id_: str) -> Sequence[Any]:
    return repository.catalog.ask(
        "select snapshot.* from snapshot join version on version.key = snapshot.version"
        " where version.id = :id order by position",
        id=id_,
    )


def _moves(ways: Ways, plan: StoragePlan) -> list[Move]:
    stored = ways.matrices.stored
    chosen = [ways.ways[at] for at in plan.given]
    return [
        Move(
            stored=stored[each.matrix - 1],
            base=stored[each.base - 1].info.id if each.base else None,
            size=each.size,
        )
        for each in chosen
        if not each.is_present
    ]


def _explained(
    repository: BaseRepository, ways: Ways, plan: StoragePlan, given: ArchiveOptions
) -> list[StoredMatrix]:
    if given.explained is None:
        return []
    resolved = resolve_all(repository, given.explained)
    snapshots = [each for each in ways.matrices.snapshots if each.ref.id == resolved.ref.id]
    if not snapshots:
        raise NotFoundError(f"{given.explained} is not among the versions that are planned")
    rows = _rows(repository, resolved.ref.id)
    name = resolved.snapshot(rows).name
    chosen = next((each for each in snapshots if each.name == name), snapshots[-1])
    return explain(ways, plan, chosen)


def _facts(ways: Ways, plan: StoragePlan, objective: Objective) -> dict[str, Any]:
    """What there is to tell of a plan."""
    graph, retrieval = ways.graph, objective.retrieval
    share = np.divide(
        plan.recreation, plan.budget, out=np.zeros(len(plan.budget)), where=plan.budget > 0
    )
    tightest = int(np.argmax(share)) if np.isfinite(plan.budget).any() else None
    other = {name: optimize(graph, Objective(), optimizer=name) for name in ("mst", "spt")}
    return {
        "snapshots": len(ways.groups),
        "matrices": len(ways.matrices.stored),
        "ways": len(ways.ways),
        "optimizer": plan.optimizer,
        "alpha": objective.alpha,
        "before": ways.size(ways.present),
        "bound": round(plan.bound),
        "smallest": ways.size(other["mst"].given),
        "fastest": ways.size(other["spt"].given),
        "recreation_before": _summary(recreation_of(graph, ways.present, retrieval)),
        "recreation_after": _summary(plan.recreation),
        "recreation_least": _summary(plan.least),
        "tightest": None if tightest is None else graph.snapshots[tightest],
        "tightest_share": 0.0 if tightest is None else float(share[tightest]),
    }


def _summary(seconds: Any) -> Recreation:
    return Recreation(median=float(np.median(seconds)), worst=float(np.max(seconds)))
