"""Trials that are kept, as versions."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from modelhub import durable
from modelhub.dlv.base import BaseRepository
from modelhub.dlv.operations.commit import CommitOptions, commit
from modelhub.dlv.versions import Setting, VersionRef
from modelhub.dql.candidates import Candidate
from modelhub.trials import RunFolder, RunPlan, Trial, settings_used, with_point
from modelhub.values import VersionId
from modelhub.wrappers import Captured

TRIAL = "trial"  # the hyperparameter that tells which trial a version was
SUFFIX = "-tried"
_KNOWN = """
select version.id, version.name, version.number
from hyperparameter join version on version.key = hyperparameter.version
where hyperparameter.name = :name and hyperparameter.value = :value
"""


def commit_kept(
    repository: BaseRepository,
    folder: RunFolder,
    trial: Trial,
    candidates: Sequence[Candidate],
    plan: RunPlan,
    *,
    name: str | None,
) -> str:
    """Commit a trial, unless that was done before; its checkpoints then leave the run's folder.

    Args:
        repository: where.
        folder: of the run.
        trial: with its course.
        candidates: of the run.
        plan: of the run.
        name: of the model; None: the source's with `-tried` behind it.

    Raises:
        InputError: the name is no possible one.
    """
    label = f"{folder.name}/{trial.number}"
    before = folder.version(trial.number)
    if before is not None:  # though the user may have removed it since
        return before
    found = _committed(repository, label)
    if found is None:
        candidate = candidates[trial.candidate]
        found = _commit(repository, folder, trial, candidate, plan, name=name, label=label)
    folder.write_version(trial.number, str(found))
    folder.discard(trial.number)
    return str(found)


def _committed(repository: BaseRepository, label: str) -> VersionRef | None:
    """The version that a trial became, if it did."""
    rows = repository.catalog.ask(_KNOWN, name=TRIAL, value=json.dumps(label))
    return next((VersionRef(id=VersionId(r[0]), name=r[1], number=r[2]) for r in rows), None)


def _commit(
    repository: BaseRepository,
    folder: RunFolder,
    trial: Trial,
    candidate: Candidate,
    plan: RunPlan,
    *,
    name: str | None,
    label: str,
) -> VersionRef:
    place = folder.trial(trial.number)
    history = place / "history.csv"
    durable.remove(history)
    durable.write_file(history, ["".join(_history(trial)).encode()])
    settings = dict(_flat(settings_used(with_point(plan.config, trial.point))))
    options = CommitOptions(
        message=plan.query.strip(),
        parents=[candidate.source.id],
        hyperparameters={**settings, TRIAL: label},
        network=Captured(network=candidate.network(repository), tensors={}),
        network_from=f"trained by {label}",
    )
    model = name or f"{candidate.source.name}{SUFFIX}"
    return commit(repository, model, paths=[place], options=options, root=place).version


def _history(trial: Trial) -> Iterator[str]:
    """The course as CSV: a row a step."""
    names = list(dict.fromkeys(name for _, metrics in trial.course for name in metrics))
    yield ",".join(["step", *names]) + "\n"
    for step, metrics in trial.course:
        cells = [repr(metrics[name]) if name in metrics else "" for name in names]
        yield ",".join([str(step), *cells]) + "\n"


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Setting]]:
    """Settings by dotted names; what is not said is left out."""
    for key, value in table.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.")
        else:
            yield name, value
