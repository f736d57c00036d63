"""Tensors that are read by other copies from now on (repository.md §5)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from modelhub.dlv.catalog.keys import pieces
from modelhub.dlv.catalog.schema import copy, segment, tensor
from modelhub.dlv.catalog.storage import copy_row, pack_key, segment_rows
from modelhub.errors import ConflictError, IntegrityError
from modelhub.pas import MAX_DEPTH, StoredTensor, WrittenPack, depths
from modelhub.values import TensorId

DEEPEST = MAX_DEPTH - 1
"""Bases that a tensor may need afterwards: a commit that runs meanwhile may lean on it."""


def switch(
    connection: Connection,
    packs: Iterable[WrittenPack],
    copies: Sequence[StoredTensor],
    *,
    before: Mapping[TensorId, StoredTensor],
) -> None:
    """Let tensors be read by new copies instead of those that they have; all or nothing.

    What the old copies took is dead from then on, and for `gc` to free.

    Args:
        connection: in whose transaction.
        packs: all packs that the copies lie in; they are registered.
        copies: the new ones, one a tensor.
        before: the copies that all tensors had which were planned for, bases included; what
            was weighed is true while they have them.

    Raises:
        ConflictError: another process has stored one of the tensors anew, or freed one, or made
            a delta that would need too many bases; nothing may be kept of this transaction.
    """
    present = _present(connection, before)
    for id_, known in before.items():
        row = present.get(id_)
        identity = None if row is None else (row.number, row.encoding, row.base)
        if identity != (known.copy, known.encoding, known.base):
            raise _overtaken(f"tensor {id_[:12]} was stored anew or freed")
    _check_depths(connection, copies)
    _replace(connection, packs, copies, present)


def _replace(
    connection: Connection,
    packs: Iterable[WrittenPack],
    copies: Sequence[StoredTensor],
    present: Mapping[str, Any],
) -> None:
    """New rows for old ones, whose keys are not given again."""
    first = 1 + int(connection.execute(select(func.max(copy.c.key))).scalar() or 0)
    pack_keys = {each.id: pack_key(connection, each.id, each.size) for each in packs}
    for part in pieces(present[each.info.id].copy_key for each in copies):
        connection.execute(delete(segment).where(segment.c.copy.in_(part)))
        connection.execute(delete(copy).where(copy.c.key.in_(part)))
    rows = [
        {"key": key, **copy_row(each, present[each.info.id].tensor_key, {})}
        for key, each in enumerate(copies, first)
    ]
    segments = [
        row for key, each in enumerate(copies, first) for row in segment_rows(each, key, pack_keys)
    ]
    for table, new in ((copy, rows), (segment, segments)):
        if new:
            connection.execute(insert(table), new)


def _present(connection: Connection, ids: Iterable[str]) -> dict[str, Any]:
    """The copies that are read now, by the ids of their tensors."""
    found: dict[str, Any] = {}
    query = select(
        tensor.c.id,
        tensor.c.key.label("tensor_key"),
        copy.c.key.label("copy_key"),
        copy.c.number,
        copy.c.encoding,
        copy.c.base,
    ).join(copy, copy.c.tensor == tensor.c.key)
    for part in pieces(ids):
        rows = connection.execute(query.where(tensor.c.id.in_(part)))
        found.update({row.id: row for row in rows})
    return found


def _check_depths(connection: Connection, copies: Sequence[StoredTensor]) -> None:
    """No cycle, and no chain that grows beyond what is allowed."""
    query = select(tensor.c.id, copy.c.base).join(copy, copy.c.tensor == tensor.c.key)
    deltas = connection.execute(query.where(copy.c.base.is_not(None)))
    old = {TensorId(row.id): TensorId(row.base) for row in deltas}
    moved = {each.info.id for each in copies}
    new = {id_: base for id_, base in old.items() if id_ not in moved}
    new |= {each.info.id: each.base for each in copies if each.base is not None}
    try:
        were, are = depths(old), depths(new)
    except IntegrityError as error:
        raise _overtaken(str(error)) from error
    for id_, depth in are.items():
        if depth > max(DEEPEST, were.get(id_, 0)):
            raise _overtaken(f"tensor {id_[:12]} would need {depth} bases")


def _overtaken(why: str) -> ConflictError:
    return ConflictError(
        f"another process has changed what was planned: {why}; nothing was changed, run it again"
    )
