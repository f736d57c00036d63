"""Parquet files as data, in the form of Hugging Face's data sets: pictures as bytes, labels."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from modelhub.dtypes import NUMPY
from modelhub.errors import DamagedFileError, InputError, NotFoundError, StorageError
from modelhub.evaluation.data import (
    LABELS,
    Array,
    Batch,
    DataOptions,
    DataSource,
    Field,
    WantedInput,
    file_content,
)
from modelhub.evaluation.images import BYTE
from modelhub.evaluation.pictures import PictureForm, form_of, picture
from modelhub.identity import hasher

_FAULTS = (pa.ArrowException, OSError, UnicodeDecodeError)  # what pyarrow raises of damage
FEATURES = "features"  # what columns of single numbers are called together


class ParquetFiles:
    """Opens `.parquet` files, and folders of them; labels may have names in the metadata."""

    def open(self, path: Path, wanted: Sequence[WantedInput], options: DataOptions) -> DataSource:
        """The columns of pictures and numbers; columns of text are left out."""
        paths = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        try:
            return ParquetSource(paths, form_of(wanted, options), options.label)
        except PermissionError:
            raise StorageError(f"cannot read {path}: permission denied") from None
        except _FAULTS as error:
            raise DamagedFileError(f"{path} is no sound parquet file ({_line(error)})") from error


class ParquetSource:
    """The rows of parquet files, one after the other."""

    def __init__(self, paths: Sequence[Path], form: PictureForm, label: str | None) -> None:
        self._paths = paths
        self._form = form
        self._content = ""
        files = [pq.ParquetFile(path) for path in paths]
        schema = files[0].schema_arrow
        for path, file in zip(paths, files, strict=True):
            if file.schema_arrow.names != schema.names:
                raise InputError(f"{path} has other columns than {paths[0].name}")
        self._label = _label(schema, label, paths[0])
        self._numbers = [each.name for each in schema if self._is_number(each)]
        self._count = sum(file.metadata.num_rows for file in files)
        self._names = [each.name for each in schema if self._is_known(each)]
        self.classes: Sequence[str] = _classes(schema, self._label)
        self.fields: Mapping[str, Field] = self._fields()

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """Rows in order; of a file only the row groups that are being read are in memory."""
        columns = [c for name in fields for c in self._columns(name)]
        for path in self._paths:
            try:
                for rows in pq.ParquetFile(path).iter_batches(size, columns=columns):
                    yield {name: self._array(rows, name, path) for name in fields}
            except _FAULTS as error:
                raise DamagedFileError(f"{path} is damaged ({_line(error)})") from error

    def content(self) -> str:
        """The hash of the file, or of the hashes of several."""
        if not self._content:
            each = [file_content(path) for path in self._paths]
            digest = hasher()
            digest.update("\n".join(each).encode())
            self._content = each[0] if len(each) == 1 else str(digest.hexdigest())
        return self._content

    def _is_number(self, column: Any) -> bool:
        return column.name != self._label and _dtype(column.type) is not None

    def _is_known(self, column: Any) -> bool:
        is_known = _is_picture(column.type) or _dtype(_inner(column.type)) is not None
        return is_known and column.name not in self._numbers

    def _columns(self, name: str) -> list[str]:
        return self._numbers if name == FEATURES and name not in self._names else [name]

    def _fields(self) -> dict[str, Field]:
        """Fields by a look at the first row."""
        if not self._count:
            raise InputError(f"{self._paths[0]} has no rows; there is nothing to evaluate on")
        names = [*self._names, *([FEATURES] if self._numbers else [])]
        if not names:
            raise InputError(f"{self._paths[0]} has no columns of pictures or numbers")
        first = next(self.batches(1, names), None)
        if first is None:
            raise DamagedFileError(f"{self._paths[0]} promises rows that it does not have")
        schema = pq.ParquetFile(self._paths[0]).schema_arrow
        pictures = {each.name for each in schema if _is_picture(each.type)}
        return {
            name: Field(
                dtype=array.dtype.name,
                shape=array.shape[1:],
                count=self._count,
                is_flat=name == FEATURES and name not in self._names,
                scale=BYTE if name in pictures else None,
            )
            for name, array in first.items()
        }

    def _array(self, rows: Any, name: str, path: Path) -> Array:
        columns = [rows.column(each) for each in self._columns(name)]
        if any(column.null_count for column in columns):
            raise InputError(f"{path}: a cell of {name!r} is empty")
        if name not in self._names:
            return np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
        if _is_picture(columns[0].type):
            return _stacked([self._picture(each, path) for each in columns[0].to_pylist()], path)
        return _numbers(columns[0], name, path)

    def _picture(self, cell: Any, path: Path) -> Array:
        raw = cell if isinstance(cell, bytes) else cell["bytes"]
        if raw is None:
            raise InputError(f"{path} names pictures that lie elsewhere; embed them")
        return picture(raw, f"{path}: a picture", self._form)


def _numbers(column: Any, name: str, path: Path) -> Array:
    if not _is_list(column.type):
        found: Array = column.to_numpy(zero_copy_only=False)
        return found
    dtype = _dtype(_inner(column.type))
    try:
        return np.array(column.to_pylist(), dtype)
    except (ValueError, TypeError):
        raise InputError(f"{path}: the rows of {name!r} have different lengths") from None


def _stacked(pictures: Sequence[Array], path: Path) -> Array:
    shapes = {each.shape for each in pictures}
    if len(shapes) > 1:
        raise InputError(f"{path} holds pictures of several sizes; use --image-size")
    return np.stack(pictures)


def _is_list(kind: Any) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind)
    )


def _inner(kind: Any) -> Any:
    kind = getattr(kind, "storage_type", kind)
    while _is_list(kind):
        kind = kind.value_type
    return kind


def _dtype(kind: Any) -> str | None:
    name = {"float": "float32", "double": "float64", "halffloat": "float16"}.get(
        str(kind), str(kind)
    )
    return name if name in NUMPY else None


def _is_picture(kind: Any) -> bool:
    if pa.types.is_struct(kind):
        return bool(kind.get_field_index("bytes") >= 0)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _label(schema: Any, asked: str | None, path: Path) -> str | None:
    if asked is not None and asked not in schema.names:
        known = ", ".join(schema.names[:20])
        raise NotFoundError(f"{path} has no column {asked!r}; there are: {known}")
    return asked or next((name for name in LABELS if name in schema.names), None)


def _classes(schema: Any, label: str | None) -> list[str]:
    """The names that the `datasets` library keeps in a file's metadata."""
    raw = (schema.metadata or {}).get(b"huggingface", b"")
    try:
        names = json.loads(raw)["info"]["features"][label]["names"]
        return [str(name) for name in names]
    except (TypeError, KeyError, ValueError):
        return []


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


parquet = ParquetFiles()
