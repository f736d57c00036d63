"""Recipes as JSON and back (docs/spec/recipes.md §1)."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from modelhub.errors import IntegrityError
from modelhub.identity import canonical_json
from modelhub.values import BlobId, FileId, TensorId

FORMAT = 1
LITERAL, TENSOR = 0, 1
_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralPart:
    """Bytes of a blob, [offset, offset + length)."""

    blob: BlobId
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorPart:
    """All bytes of a tensor."""

    tensor: TensorId
    length: int


Part = LiteralPart | TensorPart


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecipe:
    """How to make a file: its parts, one after another."""

    file: FileId
    size: int
    reader: str
    parts: Sequence[Part]

    @property
    def blobs(self) -> list[BlobId]:
        """The blobs that it takes bytes from, each once, in the order of their first use."""
        return list(dict.fromkeys(p.blob for p in self.parts if isinstance(p, LiteralPart)))

    @property
    def tensors(self) -> list[TensorId]:
        """The tensors in it, each once, in the order of their first use."""
        return list(dict.fromkeys(p.tensor for p in self.parts if isinstance(p, TensorPart)))


def recipe_bytes(recipe: FileRecipe) -> bytes:
    """A recipe as canonical JSON."""
    blobs = {id_: i for i, id_ in enumerate(recipe.blobs)}
    tensors = {id_: i for i, id_ in enumerate(recipe.tensors)}
    spans = [
        [LITERAL, blobs[part.blob], part.offset, part.length]
        if isinstance(part, LiteralPart)
        else [TENSOR, tensors[part.tensor], part.length]
        for part in recipe.parts
    ]
    return canonical_json(
        {
            "format": FORMAT,
            "file": recipe.file,
            "size": recipe.size,
            "reader": recipe.reader,
            "blobs": list(blobs),
            "tensors": list(tensors),
            "spans": spans,
        }
    )


def parse_recipe(raw: bytes) -> FileRecipe:
    """The recipe in a blob.

    Raises:
        IntegrityError: it is not what the format says.
    """
    try:
        found = json.loads(raw)
        _check_ids((*found["blobs"], *found["tensors"], found["file"]))
        parts = [_part(found, span) for span in found["spans"]]
        recipe = FileRecipe(
            file=FileId(found["file"]), size=found["size"], reader=found["reader"], parts=parts
        )
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise IntegrityError(f"a recipe is not valid ({error!r}); run dlv fsck") from error
    if found["format"] != FORMAT or sum(part.length for part in parts) != recipe.size:
        raise IntegrityError(f"the recipe of file {recipe.file[:12]} is not valid; run dlv fsck")
    return recipe


def _check_ids(ids: Iterable[str]) -> None:
    for id_ in ids:
        if not _ID.fullmatch(id_):
            raise ValueError(f"{id_!r:.80} is no id")


def _part(found: dict[str, Any], span: list[int]) -> Part:
    if any(type(number) is not int or number < 0 for number in span):
        raise ValueError(f"{span} is no span")
    if span[0] == LITERAL:
        _, blob, offset, length = span
        return LiteralPart(blob=found["blobs"][blob], offset=offset, length=length)
    if span[0] == TENSOR:
        _, tensor, length = span
        return TensorPart(tensor=found["tensors"][tensor], length=length)
    raise ValueError(f"{span} is no span")
