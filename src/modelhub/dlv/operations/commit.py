"""dlv commit: record files, or tensors in memory, as a new version of a model."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from modelhub.dlv.base import BaseRepository, Draft, now
from modelhub.dlv.catalog.insertion import Recipe, add_version, next_number
from modelhub.dlv.catalog.networks import NetworkSummary, add_network, summarize
from modelhub.dlv.catalog.rows import Vanished
from modelhub.dlv.catalog.versions import (
    files_of,
    latest_of,
    recipe_of,
    ref_of,
    version_row,
)
from modelhub.dlv.ingest import TakenFile, take_file
from modelhub.dlv.kin import Kin
from modelhub.dlv.maintenance import merge_small_packs
from modelhub.dlv.manifest import content_json, manifest_json
from modelhub.dlv.naming import resolve
from modelhub.dlv.network_choice import Choice, choose_network
from modelhub.dlv.networks import put_network
from modelhub.dlv.recipe import parse_recipe
from modelhub.dlv.revisions import check_name, check_snapshot, check_tag
from modelhub.dlv.roles import WEIGHTS, weight_names
from modelhub.dlv.staged import as_staged
from modelhub.dlv.staging import StagedFile, Staging, Stamp, read_staging, write_staging
from modelhub.dlv.state import TakenState, take_state
from modelhub.dlv.survey import SurveyedFile, expand, survey, surveyed_weights
from modelhub.dlv.training import Training, collect
from modelhub.dlv.versions import (
    Content,
    Manifest,
    Setting,
    Snapshot,
    SnapshotTensor,
    VersionFile,
    VersionRef,
    Weights,
)
from modelhub.errors import ConflictError, InputError
from modelhub.identity import blob_id, canonical_json
from modelhub.network import Network, network_id
from modelhub.pas import ArchiveWriter
from modelhub.values import BlobId, FileId, Progress, Shape, VersionId
from modelhub.wrappers import Captured

TRIES = 5  # of a commit whose dedup partners are freed by gc while it runs


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitOptions:
    """What a commit says beyond its files.

    Attributes:
        message: what changed, and why.
        parents: revisions that it descends from; the latest version of the name if empty.
        snapshot: one name for the snapshot of all weights, instead of those found.
        step: likewise its training step.
        metrics: final values, which win over those found in logs.
        hyperparameters: settings, which win over those found in files.
        tags: names for the new version.
        whole: paths that are stored without looking into them.
        network: the network that the weights belong to; the best that files and parents tell
            if None.
        network_from: where that comes from, for people.
    """

    message: str = ""
    parents: Sequence[str] = ()
    snapshot: str | None = None
    step: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    hyperparameters: Mapping[str, Setting] = field(default_factory=dict)
    tags: Sequence[str] = ()
    whole: Collection[str] = ()
    network: Captured | None = None
    network_from: str = "what was given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """The outcome of a commit.

    Attributes:
        version: the version that holds the content.
        created: False if the name's latest version held it already, and nothing was made.
        snapshots: names of its snapshots.
        files: how many files it has.
        raw_size: bytes of its files as they are.
        stored_size: bytes that the commit added to the repository.
        notes: what the user should know: files stored whole, values left out.
        network: its network in brief, or None if nothing is known of it.
        network_from: where that comes from.
    """

    version: VersionRef
    created: bool
    snapshots: Sequence[str]
    files: int
    raw_size: int
    stored_size: int
    notes: Sequence[str] = ()
    network: NetworkSummary | None = None
    network_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a commit would record.

    Attributes:
        files: what each file would be taken for.
        network: the network, or None if nothing would be known of it.
        network_from: where that comes from.
        notes: what the user should know of the network.
    """

    files: Sequence[StagedFile]
    network: NetworkSummary | None
    network_from: str
    notes: Sequence[str]


def commit(
    repository: BaseRepository,
    name: str,
    *,
    paths: Sequence[Path] = (),
    options: CommitOptions | None = None,
    root: Path | None = None,
    progress: Progress | None = None,
) -> Committed:
    """Record files as a new version of model `name`.

    Without `paths`, what `add` staged is taken. Identical content makes no version.

    Args:
        repository: where.
        name: of the model.
        paths: files, and folders.
        options: what is said of them.
        root: the folder that paths in the version are relative to, if it is not the
            repository's; nothing is unstaged then.
        progress: told the bytes that were read.

    Raises:
        InputError: a name, path or file cannot be used; nothing is recorded.
        ConflictError: a file changed since it was staged, or while it was read.
    """
    options = options or CommitOptions()
    _check(name, options)
    staging = read_staging(repository.layout)
    if root is None:
        chosen, whole = _chosen(repository, staging, paths, options)
    else:
        chosen, whole = expand(paths, root), set()
    base = repository.root if root is None else root
    files = survey(base, chosen, whole=whole, snapshot=options.snapshot, step=options.step)
    training = collect(base, files)
    parents = _parents(repository, name, options)
    choice = _choice(repository, files, parents, options)
    draft = _FileCommit(repository, base, files, training, parents, progress or _silent)
    return _record(repository, name, options, draft.take, lambda _: choice, unstages=root is None)


def preview(
    repository: BaseRepository,
    name: str,
    *,
    paths: Sequence[Path] = (),
    options: CommitOptions | None = None,
) -> Preview:
    """What a commit of these files would record; nothing is written.

    Raises:
        InputError: as `commit` does.
        ConflictError: as `commit` does.
    """
    options = options or CommitOptions()
    _check(name, options)
    chosen, whole = _chosen(repository, read_staging(repository.layout), paths, options)
    files = survey(
        repository.root, chosen, whole=whole, snapshot=options.snapshot, step=options.step
    )
    choice = _choice(repository, files, _parents(repository, name, options), options)
    return Preview(
        files=[as_staged(each, "would commit") for each in files],
        network=_brief(choice),
        network_from=choice.origin,
        notes=choice.notes,
    )


def _choice(
    repository: BaseRepository,
    files: Sequence[SurveyedFile],
    parents: Sequence[VersionId],
    options: CommitOptions,
) -> Choice:
    return choose_network(
        repository,
        surveyed_weights(files),
        given=options.network,
        origin=options.network_from,
        paths=[each.path for each in files],
        parents=parents,
    )


def _brief(choice: Choice, id_: str | None = None) -> NetworkSummary | None:
    """Its network in brief; `id_` spares to compute the id again."""
    if choice.captured is None:
        return None
    network = choice.captured.network
    return summarize(network, BlobId(id_ or network_id(network)))


def commit_state(
    repository: BaseRepository,
    name: str,
    state: Mapping[str, object],
    *,
    options: CommitOptions | None = None,
    file: str = "model.safetensors",
) -> Committed:
    """Record tensors in memory (a state dict) as a new version of model `name`.

    They become one safetensors file, without a second copy of the model in memory.

    Raises:
        InputError: a value is no tensor, or a name cannot be used; nothing is recorded.
    """
    options = options or CommitOptions()
    _check(name, options)

    def take(writer: ArchiveWriter) -> "_Taken":
        kin = Kin(repository, _parents(repository, name, options))
        taken = take_state(writer, state, kin.of)
        return _taken_state(taken, file, options)

    def choose(taken: "_Taken") -> Choice:
        return choose_network(
            repository,
            [Weights(snapshot=s.name, tensors=_described(s)) for s in taken.content.snapshots],
            given=options.network,
            origin=options.network_from,
            parents=_parents(repository, name, options),
        )

    return _record(repository, name, options, take, choose)


def _described(snapshot: Snapshot) -> dict[str, tuple[str, Shape]]:
    return {each.name: (each.info.dtype, each.shape) for each in snapshot.tensors}


def _silent(_label: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def _check(name: str, options: CommitOptions) -> None:
    check_name(name)
    for tag in options.tags:
        check_tag(tag)
    if options.snapshot is not None:
        check_snapshot(options.snapshot)


def _chosen(
    repository: BaseRepository, staging: Staging, paths: Sequence[Path], options: CommitOptions
) -> tuple[list[str], set[str]]:
    """The files to commit, and which of them are stored whole."""
    if paths:
        whole = set(expand([Path(each) for each in options.whole], repository.root))
        return sorted({*expand(paths, repository.root), *whole}), whole
    if not staging.files:
        raise InputError("nothing is staged; name the files, or stage some with: dlv add FILES")
    for path, stamp in staging.files.items():
        _check_unchanged(repository.root / path, path, stamp)
    return sorted(staging.files), {path for path, stamp in staging.files.items() if stamp.whole}


def _check_unchanged(file: Path, path: str, stamp: Stamp) -> None:
    if not file.is_file():
        raise InputError(f"{path} has vanished since it was added; take it back with: dlv add")
    if Stamp.of(file, whole=stamp.whole) != stamp:
        raise ConflictError(
            f"{path} has changed since it was added; stage it as it is now with: dlv add {path}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """What a commit has put into the store, ready to become a version's content."""

    content: Content
    recipes: Sequence[Recipe]
    notes: Sequence[str]
    choice: Choice = field(default_factory=Choice)

    @property
    def network(self) -> Network | None:
        """Its network, for the catalog."""
        return None if self.choice.captured is None else self.choice.captured.network


@dataclass(frozen=True, slots=True)
class _FileCommit:
    """Takes surveyed files into the store."""

    repository: BaseRepository
    root: Path
    files: Sequence[SurveyedFile]
    training: Training
    parents: Sequence[VersionId]
    progress: Progress

    def take(self, writer: ArchiveWriter) -> _Taken:
        bases = _Bases(self.repository, self.parents)
        kin = Kin(self.repository, self.parents)
        taken: dict[str, TakenFile] = {}
        total = sum(each.layout.size for each in self.files)
        done = 0
        for each in self.files:
            kind = _kind(each.layout.reader, each.path)

            def advance(size: int) -> None:
                nonlocal done
                done += size
                self.progress("reading", done, total)

            taken[each.path] = take_file(
                writer,
                self.root / each.path,
                each.layout,
                bases=bases.of(kind),
                advance=advance,
                candidates=kin.of,
            )
            bases.add(kind, taken[each.path].recipe.blobs)
        return _Taken(
            content=self._content(writer, taken),
            recipes=[_recipe(each) for each in taken.values()],
            notes=[
                *(f"{f.path}: {f.layout.note}" for f in self.files if f.layout.note),
                *self.training.notes,
            ],
        )

    def _content(self, writer: ArchiveWriter, taken: Mapping[str, TakenFile]) -> Content:
        history = self.training.history_bytes()
        return Content(
            hyperparameters=self.training.hyperparameters,
            metrics=self.training.metrics,
            history=None if history is None else writer.put_blob(history, role="history"),
            snapshots=self._snapshots(writer, taken),
            files=[_version_file(self.root, f, taken[f.path]) for f in self.files],
        )

    def _snapshots(self, writer: ArchiveWriter, taken: Mapping[str, TakenFile]) -> list[Snapshot]:
        weights = [each for each in self.files if each.role == WEIGHTS and each.snapshot]
        steps = {each.snapshot: each.step for each in weights if each.snapshot}
        ordered = sorted(steps.items(), key=lambda item: (item[1] is None, item[1] or 0, item[0]))
        return [
            Snapshot(
                name=name,
                step=step,
                metrics=self.training.at_step(step),
                tensors=_tensors(writer, [f for f in weights if f.snapshot == name], taken),
            )
            for name, step in ordered
        ]


class _Bases:
    """Literals that those of a file are compressed against: its kin's, here or in a parent."""

    def __init__(self, repository: BaseRepository, parents: Sequence[VersionId]) -> None:
        self.repository = repository
        self.known: dict[str, list[BlobId]] = {}
        self.candidates: dict[str, FileId] = {}
        for parent in parents:
            row = version_row(repository.catalog, parent)
            for file in files_of(repository.catalog, row.key) if row is not None else ():
                self.candidates.setdefault(_kind(file.format, file.path), file.id)

    def of(self, kind: str) -> list[BlobId]:
        if kind not in self.known and kind in self.candidates:
            self.known[kind] = self._literals(self.candidates[kind])
        return self.known.get(kind, [])

    def _literals(self, file: FileId) -> list[BlobId]:
        recipe = recipe_of(self.repository.catalog, file)
        return [] if recipe is None else parse_recipe(self.repository.reader.blob(recipe)).blobs

    def add(self, kind: str, blobs: Sequence[BlobId]) -> None:
        if not self.of(kind):
            self.known[kind] = list(blobs)


def _kind(reader: str, path: str) -> str:
    """Files of one kind have similar literals: the same reader, or the same name."""
    return reader if reader != "whole" else Path(path).name


def _recipe(taken: TakenFile) -> Recipe:
    found = taken.recipe
    return Recipe(
        file=found.file,
        size=found.size,
        recipe=taken.blob,
        tensors=found.tensors,
        blobs=found.blobs,
    )


def _version_file(root: Path, file: SurveyedFile, taken: TakenFile) -> VersionFile:
    return VersionFile(
        path=file.path,
        id=taken.recipe.file,
        size=taken.recipe.size,
        role=file.role,
        format=file.layout.reader,
        snapshot=file.snapshot,
        executable=bool((root / file.path).stat().st_mode & 0o100),
    )


def _tensors(
    writer: ArchiveWriter, files: Sequence[SurveyedFile], taken: Mapping[str, TakenFile]
) -> list[SnapshotTensor]:
    """The tensors of a snapshot over all its files; unequal ones of one name are told apart."""
    found: dict[str, SnapshotTensor] = {}
    for file in files:
        spans = taken[file.path].spans
        for index, name in weight_names(file.layout).items():
            named = file.layout.tensors[index]
            info = (
                spans[named.span]
                if named.span is not None
                else writer.put_tensor(_no_bytes, dtype=named.dtype, shape=named.shape)
            )
            tensor = SnapshotTensor(name=name, info=info, view=named.view)
            known = found.get(name)
            if known is not None and known != tensor:
                tensor = replace(tensor, name=f"{file.path}:{name}")
            found.setdefault(tensor.name, tensor)
    return list(found.values())


def _no_bytes(_offset: int, _size: int) -> bytes:
    return b""


def _taken_state(taken: TakenState, file: str, options: CommitOptions) -> _Taken:
    snapshot = options.snapshot or (f"step-{options.step}" if options.step is not None else "final")
    recipe = taken.file.recipe
    content = Content(
        snapshots=[Snapshot(name=snapshot, step=options.step, tensors=taken.tensors)],
        files=[
            VersionFile(
                path=file,
                id=recipe.file,
                size=recipe.size,
                role=WEIGHTS,
                format=recipe.reader,
                snapshot=snapshot,
            )
        ],
    )
    return _Taken(content=content, recipes=[_recipe(taken.file)], notes=())


def _record(
    repository: BaseRepository,
    name: str,
    options: CommitOptions,
    take: Callable[[ArchiveWriter], _Taken],
    choose: Callable[[_Taken], Choice],
    *,
    unstages: bool = True,
) -> Committed:
    """Take everything into the store and publish it; again if gc freed what it builds on."""
    for attempt in range(TRIES):
        try:
            with repository.writing("commit"), repository.writer() as writer:
                taken = take(writer)
                taken = _with_network(repository, writer, taken, choose(taken))
                done = _publish(repository, writer, name, options, taken)
                if unstages:
                    _unstage(repository, name, taken)
        except Vanished:
            if attempt == TRIES - 1:
                raise
        else:
            merge_small_packs(repository)
            return done
    raise AssertionError


def _parents(
    repository: BaseRepository, name: str, options: CommitOptions
) -> tuple[VersionId, ...]:
    """The ids of the parents: asked for, else the latest of the name, else noted by `copy`."""
    if options.parents:
        refs = [resolve(repository, each) for each in options.parents]
        return tuple(dict.fromkeys(ref.id for ref in refs))
    latest = latest_of(repository.catalog, name)
    if latest is not None:
        return (VersionId(latest.id),)
    return tuple(VersionId(p) for p in read_staging(repository.layout).parents.get(name, ()))


def _with_network(
    repository: BaseRepository, writer: ArchiveWriter, taken: _Taken, choice: Choice
) -> _Taken:
    if choice.captured is not None:
        id_ = put_network(repository, writer, choice.captured)
        taken = replace(taken, content=replace(taken.content, network=id_))
    return replace(taken, choice=choice, notes=[*taken.notes, *choice.notes])


def _publish(
    repository: BaseRepository,
    writer: ArchiveWriter,
    name: str,
    options: CommitOptions,
    taken: _Taken,
) -> Committed:
    content = replace(
        taken.content,
        hyperparameters={**taken.content.hyperparameters, **options.hyperparameters},
        metrics={**taken.content.metrics, **options.metrics},
    )
    content_id = blob_id(canonical_json(content_json(content)))
    latest = latest_of(repository.catalog, name)
    if latest is not None and latest.content == content_id and not options.parents:
        return _outcome(ref_of(latest), content, writer, taken, created=False)
    manifest = Manifest(
        name=name,
        parents=_parents(repository, name, options),
        created=now(),
        author=_author(repository),
        message=options.message,
        content=content,
    )
    raw = canonical_json(manifest_json(manifest))

    def compose(connection: Connection, writer: ArchiveWriter) -> Draft[VersionRef]:
        id_ = VersionId(writer.put_blob(raw, role="manifest"))
        ref = VersionRef(id=id_, name=name, number=next_number(connection, name))

        def insert(connection: Connection) -> None:
            if content.network is not None and taken.network is not None:
                add_network(connection, BlobId(content.network), taken.network)
            add_version(connection, ref, manifest, content=content_id, recipes=taken.recipes)

        return Draft(
            records=[
                {"kind": "commit", "version": id_, "name": name, "number": ref.number},
                *({"kind": "tag", "name": name, "tag": t, "version": id_} for t in options.tags),
            ],
            insert=insert,
            value=ref,
        )

    ref = repository.publish(writer, compose)
    return _outcome(ref, content, writer, taken, created=True)


def _author(repository: BaseRepository) -> str:
    settings = repository.settings
    email = f" <{settings.user_email}>" if settings.user_email else ""
    return f"{settings.user_name}{email}".strip()


def _outcome(
    ref: VersionRef, content: Content, writer: ArchiveWriter, taken: _Taken, *, created: bool
) -> Committed:
    return Committed(
        version=ref,
        created=created,
        snapshots=[each.name for each in content.snapshots],
        files=len(content.files),
        raw_size=sum(each.size for each in content.files),
        stored_size=sum(each.size for each in writer.packs) if created else 0,
        notes=taken.notes,
        network=_brief(taken.choice, content.network),
        network_from=taken.choice.origin,
    )


def _unstage(repository: BaseRepository, name: str, taken: _Taken) -> None:
    """Forget what was staged and is committed now."""
    staging = read_staging(repository.layout)
    paths = {each.path for each in taken.content.files}
    kept = {path: stamp for path, stamp in staging.files.items() if path not in paths}
    parents = {each: ids for each, ids in staging.parents.items() if each != name}
    if kept == staging.files and parents == staging.parents:
        return
    remaining = Staging(files=kept, parents=parents)
    write_staging(repository.layout, remaining, scratch=repository.scratch())
