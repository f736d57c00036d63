"""Histories, read from the repository: what metrics did over training."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from modelhub.dlv.courses import MainCourses, Points, cut, is_setting, prominence
from modelhub.dlv.manifest import metric_value
from modelhub.dlv.reading import ReadableRepository
from modelhub.values import BlobId, VersionId


def read_history(repository: ReadableRepository, history: BlobId | None) -> dict[str, Points]:
    """Every metric's (step, value), in the order logged; a value without a step has its place.

    Cost: one blob of at most some MB is read.
    """
    if history is None:
        return {}
    metrics = json.loads(repository.reader.blob(history))["metrics"]
    return {
        name: [
            (place if step is None else step, metric_value(value))
            for place, (step, value) in enumerate(points)
        ]
        for name, points in sorted(metrics.items())
        if points
    }


def main_courses(
    repository: ReadableRepository, ids: Iterable[VersionId], *, metric: str = ""
) -> MainCourses:
    """The courses of `metric`, or else of the one that most versions have logged.

    Of several, it is the one that says most (`courses.prominence`).

    Cost: reads the history of each version that has one.
    """
    histories = _histories(repository, list(ids))
    read = {id_: read_history(repository, blob) for id_, blob in histories.items()}
    courses = {
        id_: {name: points for name, points in each.items() if len(points) > 1}
        for id_, each in read.items()
    }
    if not any(metric in each for each in courses.values()):
        counts = Counter(name for each in courses.values() for name in each)
        metric = min(counts, key=lambda n: (is_setting(n), -counts[n], prominence(n)), default="")
    having = {id_: each[metric] for id_, each in courses.items() if metric in each}
    return MainCourses(metric=metric, by_id={id_: cut(points) for id_, points in having.items()})


def _histories(repository: ReadableRepository, ids: Sequence[VersionId]) -> dict[VersionId, BlobId]:
    rows = repository.catalog.ask("select id, history from version where history is not null")
    found = {row.id: row.history for row in rows}
    return {id_: found[id_] for id_ in ids if id_ in found}
