"""Take tensors in memory into the store, as one safetensors file that is never written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from modelhub.dlv.ingest import LITERAL_BYTES, Candidates, TakenFile, no_candidates
from modelhub.dlv.recipe import FileRecipe, LiteralPart, Part, TensorPart, recipe_bytes
from modelhub.dlv.versions import SnapshotTensor
from modelhub.errors import InputError
from modelhub.identity import hasher
from modelhub.pas import ArchiveWriter
from modelhub.recipes import UNREAD_ELSEWHERE, safetensors_header
from modelhub.values import FileId, Shape
from modelhub.wrappers import state_arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenState:
    """A state dict that is in the store now."""

    file: TakenFile
    tensors: tuple[SnapshotTensor, ...]


def take_state(
    writer: ArchiveWriter, state: Mapping[str, object], candidates: Candidates = no_candidates
) -> TakenState:
    """Store the tensors of a state dict, and the recipe of the safetensors file they make.

    The mapping is walked twice: for dtypes and shapes, then for the elements.

    Raises:
        InputError: it is empty, or a value is no tensor, or one that other readers of
            safetensors files would not read.
    """
    if not state:
        raise InputError("the state dict is empty; there is nothing to commit")
    described = [(name, dtype, shape) for name, dtype, shape, _ in state_arrays(state)]
    _check_dtypes(described)
    header = safetensors_header(described)
    digest = hasher()
    digest.update(header)
    parts: list[Part] = []
    for start in range(0, len(header), LITERAL_BYTES):
        piece = header[start : start + LITERAL_BYTES]
        blob = writer.put_blob(piece, role="literal")
        parts.append(LiteralPart(blob=blob, offset=0, length=len(piece)))
    tensors = []
    for name, dtype, shape, data in state_arrays(state):
        info = writer.put_tensor(
            _Slices(data),
            dtype=dtype,
            shape=shape,
            observer=digest.update,
            base_candidates=candidates(name, dtype, shape),
        )
        tensors.append(SnapshotTensor(name=name, info=info))
        if len(data):
            parts.append(TensorPart(tensor=info.id, length=len(data)))
    recipe = FileRecipe(
        file=FileId(digest.hexdigest()),
        size=sum(part.length for part in parts),
        reader="safetensors",
        parts=parts,
    )
    blob = writer.put_blob(recipe_bytes(recipe), role="recipe", file=recipe.file)
    infos = tuple(each.info for each in tensors)
    return TakenState(file=TakenFile(recipe=recipe, blob=blob, spans=infos), tensors=tuple(tensors))


def _check_dtypes(described: Iterable[tuple[str, str, Shape]]) -> None:
    for name, dtype, _ in described:
        if dtype == UNREAD_ELSEWHERE:
            raise InputError(
                f"{name!r} is {dtype}, which other readers of safetensors files do not know; "
                "convert it, such as to complex64, or commit a file that torch.save or "
                "numpy.savez wrote"
            )


@dataclass(frozen=True, slots=True)
class _Slices:
    """A source of bytes over memory; nothing is copied."""

    data: memoryview

    def __call__(self, offset: int, size: int) -> memoryview:
        return self.data[offset : offset + size]
