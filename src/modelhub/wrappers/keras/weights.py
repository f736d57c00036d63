"""Tensors of `.keras` and HDF5 files: datasets, called as Keras' variables where they are known."""

from collections import Counter
from collections.abc import Iterator
from math import prod
from pathlib import Path

from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes import (
    HDF5_MAGIC,
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
_OLD_ROOT = "model_weights"  # of models that are one HDF5 file
_PASSED = {"optimizer", "optimizer_weights", "seed_generator"}


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
        return _layout(self.name, path, size, held, _wanted(path))


class Hdf5Recipe:
    """Finds the tensors of an HDF5 file, as Keras saves weights alone: `epoch-3.weights.h5`.

    A tensor is called by the layer and its place there (`dense/0`), which a network of Keras
    knows for one of its states. What is not read stays bytes, as in any other file.
    """

    name = "hdf5"

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - the interface of readers
        """By magic."""
        return head.startswith(HDF5_MAGIC)

    def read(self, path: Path) -> Layout:
        """The layout of a file."""
        size = path.stat().st_size
        try:
            with path.open("rb") as file:
                held = hdf5_contents(file, offset=0, size=size)
        except Hdf5Error as error:
            return Layout(reader=self.name, size=size, note=f"kept as bytes: {error}")
        return _layout(self.name, path, size, held, {})


reader, hdf5_reader = KerasRecipe(), Hdf5Recipe()


def _layout(
    name: str,
    path: Path,
    size: int,
    held: Hdf5Contents,
    wanted: dict[str, list[tuple[str, Shape]]],
) -> Layout:
    kept = [each for each in held.datasets if each.dtype and not _PASSED & set(each.path)]
    names, unique = _names(kept, held, wanted), UniqueNames()
    order = sorted((at for at in range(len(kept)) if names[at]), key=lambda at: kept[at].offset)
    spans: list[TensorSpan] = []
    tensors: list[NamedTensor] = []
    end = 0
    for at in order:
        each, index = kept[at], None
        if prod(each.shape):
            span = TensorSpan(offset=each.offset, dtype=each.dtype, shape=each.shape)
            if span.offset < end:
                raise DamagedFileError(f"{path}: two of its datasets overlap")
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
    """What each dataset is called: as a state where the shapes agree, else by its place.

    Nothing, if it is a variable of a layer inside that is written once more: Keras has the
    kernel of `SpectralNormalization` twice, and reads the first again.
    """
    found: list[str] = []
    owners = [_owner(each.path, held) for each in datasets]
    counts = Counter(owners)
    for each, owner in zip(datasets, owners, strict=True):
        if each.path[0] == _OLD_ROOT:
            found.append(shown("/".join(_old_name(each.path))))
            continue
        last, states = each.path[-1], wanted.get(owner, [])
        extra = counts[owner] - len(states) if states else 0
        place = int(last) if last.isdecimal() and len(last) < 9 else len(states)  # noqa: PLR2004
        if place < extra and each.shape in _shapes_inside(owner, wanted):
            found.append("")
            continue
        place -= max(0, extra)
        if 0 <= place < len(states) and states[place][1] == each.shape:
            found.append(states[place][0])
        else:
            found.append(shown(f"{owner}/{last}" if owner else last))
    return found


def _old_name(path: tuple[str, ...]) -> tuple[str, ...]:
    """From the layer on: its name is a group of its own, and stands in the variable's path.

    >>> _old_name(("model_weights", "dense", "sequential", "dense", "kernel"))
    ('dense', 'kernel')
    """
    layer, inside = path[1], path[2:]
    return inside[inside.index(layer) :] if layer in inside else path[1:]


def _shapes_inside(owner: str, wanted: dict[str, list[tuple[str, Shape]]]) -> set[Shape]:
    """Of the states of layers inside a layer."""
    return {
        shape
        for inside, states in wanted.items()
        if inside.startswith(f"{owner}/")
        for _, shape in states
    }


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
