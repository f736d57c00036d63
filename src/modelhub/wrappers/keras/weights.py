"""Tensors of `.keras` files: the datasets of `model.weights.h5`, called as Keras' variables."""

from collections.abc import Iterator
from math import prod
from pathlib import Path

from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes import (
    Dataset,
    Hdf5Contents,
    Hdf5Error,
    Layout,
    NamedTensor,
    TensorSpan,
    UniqueNames,
    hdf5_contents,
    shown,
    zip_members,
)
from modelhub.values import Shape
from modelhub.wrappers.keras.documents import read_document
from modelhub.wrappers.keras.graphs import network_of
from modelhub.wrappers.keras.parts import ConfigError, part_of

WEIGHTS = "model.weights.h5"
ZIP_MAGIC = b"PK\x03\x04"
_VARIABLES, _LAYERS = "vars", "layers"
# Groups whose datasets are no states of a network.
_PASSED = {"optimizer", "seed_generator"}


class KerasRecipe:
    """Finds the tensors of a `.keras` file; what is compressed or chunked stays bytes."""

    name = "keras"

    def claims(self, path: Path, head: bytes) -> bool:
        """By name and magic."""
        return path.name.lower().endswith(".keras") and head.startswith(ZIP_MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file; tensors are called like the states of its network.

        Raises:
            DamagedFileError: the zip file, or the HDF5 file in it, breaks its rules.
        """
        size = path.stat().st_size
        found = [each for each in zip_members(path) if each.name == WEIGHTS]
        if len(found) != 1 or not found[0].is_stored:
            note = "its weights are not stored in one plain member, and are kept as bytes"
            return Layout(reader=self.name, size=size, note=note)
        try:
            with path.open("rb") as file:
                held = hdf5_contents(file, offset=found[0].offset, size=found[0].size)
        except Hdf5Error as error:
            raise DamagedFileError(f"{path}: {WEIGHTS}: {error}") from None
        return _layout(self.name, path, size, held)


reader = KerasRecipe()


def _layout(name: str, path: Path, size: int, held: Hdf5Contents) -> Layout:
    wanted = _wanted(path)
    kept = [each for each in held.datasets if each.dtype and not _PASSED & set(each.path)]
    names, unique = _names(kept, held, wanted), UniqueNames()
    order = sorted(range(len(kept)), key=lambda at: kept[at].offset)
    spans: list[TensorSpan] = []
    tensors: list[NamedTensor] = []
    end = 0
    for at in order:
        each, index = kept[at], None
        if prod(each.shape):
            span = TensorSpan(offset=each.offset, dtype=each.dtype, shape=each.shape)
            if span.offset < end:
                raise DamagedFileError(f"{path}: two datasets of {WEIGHTS} overlap")
            end, index = span.offset + span.length, len(spans)
            spans.append(span)
        tensors.append(
            NamedTensor(name=unique.take(names[at]), dtype=each.dtype, shape=each.shape, span=index)
        )
    note = "; ".join(_notes(held))
    return Layout(reader=name, size=size, spans=tuple(spans), tensors=tuple(tensors), note=note)


def _notes(held: Hdf5Contents) -> Iterator[str]:
    """What stays bytes."""
    if any(_PASSED & set(each.path) for each in held.datasets):
        yield "states of optimizers and random generators are kept as bytes"
    if any(not each.dtype and not _PASSED & set(each.path) for each in held.datasets):
        yield "datasets that do not lie in one piece are kept as bytes"


def _wanted(path: Path) -> dict[str, list[tuple[str, Shape]]]:
    """The states of the file's network by what stands before the last slash; none if unknown."""
    try:
        network = network_of(part_of(read_document(path))).network
    except (InputError, ConfigError, RecursionError):
        return {}
    found: dict[str, list[tuple[str, Shape]]] = {}
    for state in network.states:
        found.setdefault(state.name.rpartition("/")[0], []).append((state.name, state.shape))
    return found


def _names(
    datasets: list[Dataset], held: Hdf5Contents, wanted: dict[str, list[tuple[str, Shape]]]
) -> list[str]:
    """What each dataset is called: as a state where the shapes agree, else by its place."""
    found: list[str] = []
    for each in datasets:
        owner, last = _owner(each.path, held), each.path[-1]
        states = wanted.get(owner, [])
        place = int(last) if last.isdecimal() and len(last) < 9 else len(states)  # noqa: PLR2004
        if place < len(states) and states[place][1] == each.shape:
            found.append(states[place][0])
        else:
            found.append(shown(f"{owner}/{last}" if owner else last))
    return found


def _owner(path: tuple[str, ...], held: Hdf5Contents) -> str:
    """`encoder:dense` for `layers/sequential/layers/dense/vars/0`, by the names of groups.

    >>> from modelhub.recipes import Hdf5Contents
    >>> _owner(("layers", "lstm", "cell", "vars", "0"), Hdf5Contents(datasets=(), names={}))
    'lstm/cell'
    """
    text = ""
    for at, part in enumerate(path[:-1]):
        if part in {_LAYERS, _VARIABLES}:
            continue
        place = (*path[: at + 1], _VARIABLES)
        if held.names and place not in held.names:
            continue  # a list of layers, which is none itself
        name = held.names.get(place, part)
        is_layer = at > 0 and path[at - 1] == _LAYERS
        text += f"{(':' if is_layer else '/') if text else ''}{name}"
    return text
