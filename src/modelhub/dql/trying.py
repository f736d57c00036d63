"""`evaluate`, run: networks are trained with settings that differ, and the best are committed."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.metadata import Metadata
from modelhub.dlv.reading import ReadableRepository
from modelhub.dql.binder import bind
from modelhub.dql.candidates import Candidate, Part, read, trainer_of, written
from modelhub.dql.executor import Executor
from modelhub.dql.formatter import format_script
from modelhub.dql.keeping import Clauses
from modelhub.dql.kept import commit_kept
from modelhub.dql.limits import Limits
from modelhub.dql.parser import parse
from modelhub.dql.syntax import Evaluate, Statement
from modelhub.dql.trial import Task, multiples, train
from modelhub.errors import InputError, ModelHubError, QueryError
from modelhub.evaluation import file_content, is_named, metric
from modelhub.trials import (
    EXECUTORS,
    TRAIN_LOSS,
    Choices,
    Rule,
    Run,
    RunFolder,
    RunPlan,
    Search,
    Space,
    Trial,
    run_name,
    with_point,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryOptions:
    """How trials are run.

    Attributes:
        executor: `inline`, one after the other; `process`, beside each other.
        workers: trials at once; None: one inline, else one a core.
        threads: of one trial; None: the cores, shared fairly.
        code: functions of the user's that the query may name, `pkg.mod:function`.
    """

    executor: str = "inline"
    workers: int | None = None
    threads: int | None = None
    code: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedNetwork:
    """A trial, for people and programs.

    Attributes:
        trial: its number.
        network: what was trained.
        settings: its own.
        state: running, finished, stopped, failed or kept.
        step: the last that it reported.
        metrics: what it reported last.
        reason: why it stopped or failed.
        version: which version it became, if it is kept.
        seconds: that it took.
    """

    trial: int
    network: str
    settings: Mapping[str, Any]
    state: str
    step: int
    metrics: Mapping[str, float]
    reason: str = ""
    version: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A run, as far as it has come.

    Attributes:
        run: its name.
        query: in its one form.
        count: how many trials there are.
        trials: those that are kept, the best first; then the others, by number.
        is_driven: whether a process trains them now.
        notes: what the user should know.
    """

    run: str
    query: str
    count: int
    trials: Sequence[TriedNetwork]
    is_driven: bool = False
    notes: Sequence[str] = field(default_factory=list)


Watch: TypeAlias = Callable[[TriedNetwork, int, str], None]


def is_evaluate(text: str) -> bool:
    """Whether the last statement of a text is an `evaluate`.

    Raises:
        QueryError: it cannot be read.
    """
    return isinstance(parse(text)[-1], Evaluate)


def evaluate(
    repository: BaseRepository,
    text: str,
    *,
    options: TryOptions | None = None,
    watch: Watch | None = None,
    limits: Limits | None = None,
    **parameters: Any,
) -> Tried:
    """Run a text that ends in an `evaluate`; go on where the same one was left.

    Args:
        repository: where networks are from, and what is kept goes.
        text: in DQL (docs/spec/dql.md §10).
        options: how trials are run, and which code of the user's may be.
        watch: shown a trial that begins, reports or ends, how many there are, and the run's name.
        limits: what finding the networks may cost.
        parameters: values by name.

    Raises:
        QueryError: it cannot be read, or names what there is not.
        LockedError: another process drives the run.
        KeyboardInterrupt: the user stopped it; the same call goes on.
    """
    chosen = options or TryOptions()
    *before, last = bind(parse(text), text, parameters)
    if not isinstance(last, Evaluate):
        raise QueryError("this is no evaluate", source=text, span=last.span)
    executor = Executor(repository, text, limits or Limits())
    for each in before:
        executor.statement(each)
    asked = Asked(repository, executor, text, last, chosen)
    plan = asked.plan([*before, last])
    folder = RunFolder(repository.layout.runs, run_name(plan))
    with folder.driving():
        known = folder.plan()
        if known is None:
            folder.write_plan(plan)
            known = plan
        candidates = [read(each) for each in known.candidates]
        shown = _Showing(folder.name, candidates, known.count, watch)
        run = Run(
            folder,
            asked.search(len(candidates)),
            asked.rules,
            task=lambda trial: asked.task(folder, candidates[trial.candidate], trial),
            watch=shown,
        )
        EXECUTORS.get(chosen.executor)(asked.workers).run(run, train)
        kept = run.kept()
        name = last.commit_as
        versions = {
            number: commit_kept(
                repository, folder, run.trials[number], candidates, known, name=name
            )
            for number in kept
        }
    trials = [shown.told(run.trials[n], version=v) for n, v in versions.items()]
    trials += [shown.told(t) for n, t in sorted(run.trials.items()) if n not in versions]
    return Tried(
        run=folder.name, query=known.query, count=run.count, trials=trials, notes=run.notes()
    )


def run_status(repository: Metadata, name: str) -> Tried:
    """How far a run has come.

    Raises:
        NotFoundError: there is none of this name.
    """
    folder = RunFolder.find(repository.layout.runs, name)
    plan = folder.plan()
    if plan is None:
        raise InputError(f"the run {folder.name} has not begun; run its query")
    shown = _Showing(folder.name, [read(each) for each in plan.candidates], plan.count, None)
    trials = []
    for number, each in sorted(folder.records().items()):
        trial = Trial(
            number=number,
            candidate=each.candidate,
            point=each.point,
            state=each.state,
            step=each.step,
            reason=each.reason,
            course=list(each.course),
            seconds=each.seconds,
        )
        trials.append(shown.told(trial, version=folder.version(number)))
    notes = [] if len(trials) == plan.count else [f"{len(trials)} of {plan.count} trials are done"]
    return Tried(
        run=folder.name,
        query=plan.query,
        count=plan.count,
        trials=trials,
        is_driven=folder.is_driven,
        notes=notes,
    )


class _Showing:
    """Makes of trials what people see."""

    def __init__(
        self, name: str, candidates: Sequence[Candidate], count: int, watch: Watch | None
    ) -> None:
        self._name, self._count, self._watch = name, count, watch
        labels = [str(each.source) for each in candidates]
        self._labels = [
            label if labels.count(label) == 1 else f"{label} ({place})"
            for place, label in enumerate(labels)
        ]

    def __call__(self, trial: Trial) -> None:
        if self._watch is not None:
            self._watch(self.told(trial), self._count, self._name)

    def told(self, trial: Trial, *, version: str | None = None) -> TriedNetwork:
        return TriedNetwork(
            trial=trial.number,
            network=self._labels[trial.candidate],
            settings=trial.point,
            state="kept" if version is not None else trial.state,
            step=trial.step,
            metrics=dict(trial.metrics),
            reason=trial.reason,
            version=version,
            seconds=trial.seconds,
        )


class Asked:
    """An `evaluate`, checked in all its parts before anything is trained."""

    def __init__(
        self,
        repository: ReadableRepository,
        executor: Executor,
        source: str,
        found: Evaluate,
        options: TryOptions,
    ) -> None:
        self._repository, self._executor = repository, executor
        self._found, self._options = found, options
        self._clauses = clauses = Clauses(source)
        self.config = clauses.config(found)
        self._dimensions = [clauses.varied(each, self.config) for each in found.dimensions]
        self.rules = clauses.rules(found)
        names = [each.name for each in self._dimensions]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            clauses.fail(f"{twice} is varied twice", found)
        self._check_code()
        self._check_rules()
        cores = len(os.sched_getaffinity(0))
        is_inline = options.executor == "inline"
        self.workers = options.workers or (1 if is_inline else cores)
        self._threads = options.threads or max(1, cores // (1 if is_inline else self.workers))

    def plan(self, statements: Sequence[Statement]) -> RunPlan:
        """What is tried.

        Raises:
            QueryError: there is no network, or one that cannot be trained.
        """
        made = self._executor.networks(self._found)
        parts: Sequence[Part] = [*made.slices, *made.constructions] or made.versions
        if not parts:
            hint = " ".join(made.notes)
            self._clauses.fail("there is no network to evaluate", self._found, hint)
        candidates = [Candidate(part=each) for each in parts]
        self._check_networks(candidates)
        data = {place: None if is_named(place) else _content(place) for place in self._places()}
        return RunPlan(
            query=format_script(statements),
            config=self.config,
            data=data,
            candidates=[written(each) for each in candidates],
            varied=[each.name for each in self._dimensions],
            count=self.search(len(candidates)).count,
        )

    def search(self, candidates: int) -> Search:
        """Which trials there are, of so many networks."""
        space = Space(candidates=candidates, dimensions=self._dimensions)
        return self._clauses.search(self._found, space, self.config, self.rules)

    def task(self, folder: RunFolder, candidate: Candidate, trial: Trial) -> Task:
        """What a worker gets."""
        return Task(
            root=self._repository.root,
            candidate=candidate,
            config=with_point(self.config, trial.point),
            needed=sorted({name for rule in self.rules for name in rule.metrics}),
            milestones=sorted({r.after for r in self.rules if r.after is not None}),
            folder=folder.trial(trial.number),
            threads=self._threads,
        )

    def _values(self, name: str) -> list[Any]:
        """What a setting may be, in any trial."""
        own = next((each for each in self._dimensions if each.name == name), None)
        if isinstance(own, Choices):
            return list(own.values)
        return [] if self.config[name] is None else [self.config[name]]

    def _places(self) -> list[str]:
        return [*self._values("input_data"), *self._values("test_data")]

    def _check_code(self) -> None:
        """Refuse code that was not named beside the query, and data that are not there."""
        metrics = [name for names in self._values("metrics") for name in names]
        named = [each for each in [*self._places(), *metrics] if is_named(each)]
        for each in [*self._values("train"), *named]:
            if each not in self._options.code:
                self._clauses.fail(
                    f"{each} is code, which runs only if it is named beside the query",
                    self._found.config,
                    f"if you trust it, add: --code {each}",
                )
        for place in self._places():
            if not is_named(place) and not Path(place).exists():
                self._clauses.fail(f"there are no data at {place}", self._found.config)

    def _check_rules(self) -> None:
        steps = max(self._values("max_iter"), default=0)
        is_ours = not self._values("train")
        for written_rule, rule in zip(self._found.rules, self.rules, strict=True):
            if rule.after is not None and not 1 <= rule.after <= steps and is_ours:
                problem = f"step {rule.after} is never reached; max_iter is {steps}"
                self._clauses.fail(problem, written_rule)
            for name in rule.metrics if is_ours else ():
                self._check_metric(name, rule, written_rule)

    def _check_metric(self, name: str, rule: Rule, part: Any) -> None:
        if is_named(name) and name not in self._options.code:
            self._clauses.fail(f"{name} is code", part, f"if you trust it, add: --code {name}")
        try:
            if name != TRAIN_LOSS:
                metric(name)
        except ModelHubError as error:
            self._clauses.fail(f"{rule}: the metric {name!r} is never reported; {error}", part)

    def _check_networks(self, candidates: Iterable[Candidate]) -> None:
        net = dict(self.config["net"])
        for each in self._dimensions:
            if each.name.startswith("net["):
                net[each.name[len("net[") : -len("].lr")]] = {"lr": 1.0}
        unused = set(net)
        for candidate in candidates:
            try:
                network = candidate.network(self._repository)
                trainer_of(network)
                unused -= {s for s in unused if multiples(network, {s: {"lr": 1.0}})}
            except InputError as error:
                self._clauses.fail(str(error), self._found)
        for selector in sorted(unused):
            problem = f'net["{selector}"] selects no parameters of any network'
            self._clauses.fail(problem, self._found.config)


def _content(place: str) -> str | None:
    path = Path(place)
    return file_content(path) if path.is_file() else None
