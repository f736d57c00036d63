"""Stored tensors that new ones may resemble: those of the parents, else of the latest versions."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from modelhub.dlv.base import BaseRepository
from modelhub.dlv.catalog.schema import version
from modelhub.dlv.catalog.versions import snapshot_rows, tensors_of, version_row
from modelhub.values import Shape, TensorId, VersionId

LATEST = 8  # versions that are looked at where no parent is known
MOST = 4  # candidates for one tensor


class Kin:
    """Tensors by name, and by dtype and shape; the last snapshots of some versions."""

    def __init__(self, repository: BaseRepository, parents: Sequence[VersionId]) -> None:
        self._named: dict[tuple[str, str, Shape], list[TensorId]] = {}
        self._alike: dict[tuple[str, Shape], list[TensorId]] = {}
        for key in _keys(repository, parents):
            rows = snapshot_rows(repository.catalog, key)
            for each in tensors_of(repository.catalog, rows[-1].key) if rows else ():
                info = each.info
                named = self._named.setdefault((each.name, info.dtype, info.shape), [])
                alike = self._alike.setdefault((info.dtype, info.shape), [])
                for found in (named, alike):
                    if info.id not in found:
                        found.append(info.id)

    def of(self, name: str | None, dtype: str, shape: Shape) -> list[TensorId]:
        """Those that a new tensor may resemble, the likeliest first.

        Of the same name; where there is none, of the same dtype and shape.
        """
        named = self._named.get((name or "", dtype, tuple(shape)), [])
        return (named or self._alike.get((dtype, tuple(shape)), []))[:MOST]


def _keys(repository: BaseRepository, parents: Iterable[VersionId]) -> list[int]:
    rows = [version_row(repository.catalog, each) for each in parents]
    known = [row.key for row in rows if row is not None]
    if known:
        return known
    query = select(version.c.key).where(version.c.removed.is_(None))
    latest = repository.catalog.rows(query.order_by(version.c.key.desc()).limit(LATEST))
    return [row.key for row in latest]
