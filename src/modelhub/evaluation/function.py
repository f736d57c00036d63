"""Data that a function of the user's yields."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from modelhub.dtypes import name_of
from modelhub.errors import InputError
from modelhub.evaluation.data import Array, Batch, Field
from modelhub.evaluation.named import told
from modelhub.identity import canonical_json, hasher

PAIR = ("x", "y")


class FunctionSource:
    """What `package.module:function` yields, called without arguments for each pass.

    A batch is a mapping of names to arrays, or a pair of inputs and labels, which are called
    `x` and `y`. Its size is the function's own choice.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name = name
        self._function = function
        self._digest = _Digest()
        first = next(self._batches(), None)
        if first is None:
            raise InputError(f"{name} yields no batch; there is nothing to evaluate on")
        self.fields: Mapping[str, Field] = {
            field: Field(dtype=name_of(array.dtype), shape=array.shape[1:])
            for field, array in first.items()
        }
        self.classes: Sequence[str] = ()

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:  # noqa: ARG002 - the function chooses
        """What one call yields."""
        self._digest = _Digest()
        for batch in self._batches():
            missing = [field for field in fields if field not in batch]
            if missing:
                raise InputError(f"{self._name} yields a batch without {missing[0]!r}")
            self._digest.update(batch)
            yield {field: batch[field] for field in fields}

    def content(self) -> str:
        """The hash of what the last pass gave, however it was cut into batches."""
        return self._digest.hexdigest()

    def _batches(self) -> Iterator[dict[str, Array]]:
        try:
            for batch in self._checked(self._function()):
                yield self._arrays(batch)
        except (InputError, GeneratorExit):
            raise
        except Exception as error:
            raise InputError(f"{self._name} raised {told(error)}") from error

    def _checked(self, found: Any) -> Iterable[Any]:
        if not isinstance(found, Iterable) or isinstance(found, str | bytes | Mapping):
            raise InputError(f"{self._name} gave a {type(found).__qualname__}, no batches")
        return found

    def _arrays(self, batch: Any) -> dict[str, Array]:
        if isinstance(batch, list | tuple) and len(batch) <= len(PAIR):
            batch = dict(zip(PAIR, batch, strict=False))
        if not isinstance(batch, Mapping) or not batch:
            raise InputError(
                f"{self._name} yields a {type(batch).__qualname__}; "
                "yield a pair of inputs and labels, or a mapping of names to arrays"
            )
        arrays = {str(name): np.asarray(value) for name, value in batch.items()}
        counts = {array.shape[:1] for array in arrays.values()}
        if len(counts) != 1 or () in counts:
            shapes = ", ".join(f"{name} {list(array.shape)}" for name, array in arrays.items())
            raise InputError(f"{self._name} yields arrays of unequal lengths: {shapes}")
        for array in arrays.values():
            name_of(array.dtype)
        return arrays


class _Digest:
    """A hash of each field's rows, so that it does not depend on how they are cut."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}

    def update(self, batch: Mapping[str, Array]) -> None:
        for name, array in batch.items():
            key = f"{name}\n{array.dtype.name}\n{array.shape[1:]}"
            plain = np.ascontiguousarray(array).reshape(-1)
            self._fields.setdefault(key, hasher()).update(plain.view(np.uint8).data)

    def hexdigest(self) -> str:
        each = {key: digest.hexdigest() for key, digest in sorted(self._fields.items())}
        found = hasher()
        found.update(canonical_json(each))
        return str(found.hexdigest())
