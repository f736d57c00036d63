"""dlv tag, alias, annotate, rm: what is said of a version after it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from modelhub.dlv.base import BaseRepository, Draft
from modelhub.dlv.catalog.schema import alias as alias_table
from modelhub.dlv.catalog.schema import tag as tag_table
from modelhub.dlv.catalog.schema import version as version_table
from modelhub.dlv.catalog.versions import ref_of
from modelhub.dlv.naming import resolve
from modelhub.dlv.revisions import check_tag
from modelhub.dlv.versions import VersionRef
from modelhub.errors import ConflictError, InputError, NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A tag or alias and the version that it names; `version` is None if it was deleted."""

    kind: str
    name: str
    label: str
    version: VersionRef | None


def tag(repository: BaseRepository, revision: str, label: str) -> Named:
    """Give a version a tag, which then stays with it.

    Raises:
        ConflictError: another version of the name has this tag.
        InputError: the tag is not a possible one.
    """
    ref = resolve(repository, revision)
    known = _holder(repository, tag_table, ref.name, check_tag(label))
    if known is not None and known.id != ref.id:
        raise ConflictError(
            f"{ref.name}@{label} is {known} already; tags do not move. Delete it first with: "
            f"dlv tag --delete {ref.name}@{label}, or use an alias, which moves"
        )
    if known is None:
        _record(repository, {"kind": "tag", "name": ref.name, "tag": label, "version": ref.id})
    return Named(kind="tag", name=ref.name, label=label, version=ref)


def alias(repository: BaseRepository, revision: str, label: str) -> Named:
    """Let an alias name a version; it leaves the one it named before.

    Raises:
        ConflictError: a tag of the name is called so.
        InputError: the alias is not a possible one.
    """
    ref = resolve(repository, revision)
    if _holder(repository, tag_table, ref.name, check_tag(label)) is not None:
        raise ConflictError(f"{ref.name}@{label} is a tag; choose another name for the alias")
    _record(repository, {"kind": "alias", "name": ref.name, "alias": label, "version": ref.id})
    return Named(kind="alias", name=ref.name, label=label, version=ref)


def delete_name(repository: BaseRepository, kind: str, label: str) -> Named:
    """Delete a tag or alias, given as `name@label`; the version stays.

    Raises:
        NotFoundError: there is none.
    """
    name, _, rest = label.partition("@")
    table = tag_table if kind == "tag" else alias_table
    if _holder(repository, table, name, rest) is None:
        raise NotFoundError(f"there is no {kind} {label!r}; see them with: dlv {kind}")
    _record(repository, {"kind": kind, "name": name, kind: rest, "version": None})
    return Named(kind=kind, name=name, label=rest, version=None)


def list_names(repository: BaseRepository, kind: str) -> list[Named]:
    """All tags, or all aliases."""
    table: Any = tag_table if kind == "tag" else alias_table
    column = table.c[kind].label("label")
    query = (
        select(column, version_table)
        .join(version_table, version_table.c.key == table.c.version)
        .order_by(table.c.name, column)
    )
    return [
        Named(kind=kind, name=row.name, label=row.label, version=ref_of(row))
        for row in repository.catalog.rows(query)
    ]


def _holder(repository: BaseRepository, table: Any, name: str, label: str) -> VersionRef | None:
    query = (
        select(version_table)
        .join(table, table.c.version == version_table.c.key)
        .where((table.c.name == name) & (table.c[table.name] == label))
    )
    row = repository.catalog.first(query)
    return None if row is None else ref_of(row)


def _record(repository: BaseRepository, *records: dict[str, Any]) -> None:
    with repository.writing(records[0]["kind"]), repository.writer() as writer:
        repository.publish(
            writer,
            lambda _connection, _writer: Draft(
                records=records, insert=lambda _connection: None, value=None
            ),
        )


def annotate(
    repository: BaseRepository,
    revision: str,
    *,
    metrics: Mapping[str, float | None] | None = None,
    notes: Mapping[str, str | None] | None = None,
) -> VersionRef:
    """Add numbers and notes to a version; a value of None takes one away.

    Raises:
        InputError: nothing was said.
    """
    if not metrics and not notes:
        raise InputError("nothing to annotate; give --metric name=value or --note name=text")
    ref = resolve(repository, revision)
    _record(
        repository,
        {
            "kind": "annotate",
            "version": ref.id,
            "metrics": dict(metrics or {}),
            "notes": dict(notes or {}),
        },
    )
    return ref


def remove(repository: BaseRepository, revisions: Sequence[str]) -> list[VersionRef]:
    """Forget versions: they are listed no more, and `gc` frees their bytes after a time.

    Raises:
        NotFoundError: a revision names nothing; then none is removed.
    """
    refs = [resolve(repository, each) for each in revisions]
    unique = list({ref.id: ref for ref in refs}.values())
    _record(repository, *({"kind": "remove", "version": ref.id} for ref in unique))
    return unique


def restore(repository: BaseRepository, revisions: Sequence[str]) -> list[VersionRef]:
    """Take back `remove`, as long as `gc` has not freed the bytes.

    Args:
        repository: where.
        revisions: `name@number` or ids of removed versions.

    Raises:
        NotFoundError: no removed version is called so.
    """
    refs = [_removed(repository, each) for each in revisions]
    _record(repository, *({"kind": "restore", "version": ref.id} for ref in refs))
    return refs


def _removed(repository: BaseRepository, text: str) -> VersionRef:
    query = select(version_table).where(version_table.c.removed.is_not(None))
    rows = [ref_of(row) for row in repository.catalog.rows(query)]
    found = [ref for ref in rows if str(ref) == text or ref.id.startswith(text)]
    if len(found) != 1:
        known = ", ".join(map(str, rows)) or "none"
        raise NotFoundError(f"no removed version is called {text!r}; there are: {known}")
    return found[0]
