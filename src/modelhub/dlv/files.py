"""A version's files, made again from their recipes, byte for byte."""

from collections.abc import Iterable, Iterator

from modelhub.dlv.catalog.versions import recipe_of
from modelhub.dlv.reading import ReadableRepository
from modelhub.dlv.recipe import FileRecipe, Part, TensorPart, parse_recipe
from modelhub.errors import IntegrityError
from modelhub.identity import hasher
from modelhub.pas import BlobSpan
from modelhub.values import FileId, TensorId

Buffer = bytes | memoryview


def recipe_for(repository: ReadableRepository, file: FileId) -> FileRecipe:
    """The recipe of a stored file.

    Raises:
        IntegrityError: it is missing or damaged.
    """
    blob = recipe_of(repository.catalog, file)
    if blob is None:
        raise IntegrityError(f"file {file[:12]} is not in the catalog; run dlv fsck")
    recipe = parse_recipe(repository.reader.blob(blob))
    if recipe.file != file:
        raise IntegrityError(f"the recipe of file {file[:12]} makes another file; run dlv fsck")
    return recipe


def file_parts(repository: ReadableRepository, file: FileId) -> Iterator[Buffer]:
    """The bytes of a stored file, in order, a few MiB at a time.

    The last part is given out only after the whole file's hash was found right. That hash is the
    only one of decoded bytes: it covers every tensor of the file.

    Raises:
        IntegrityError: stored bytes are damaged.
    """
    recipe = recipe_for(repository, file)
    return verified(repository.reader.join(map(stored_part, recipe.parts)), file)


def stored_part(part: Part) -> TensorId | BlobSpan:
    """A part of a recipe, as a reader joins it."""
    if isinstance(part, TensorPart):
        return part.tensor
    return BlobSpan(blob=part.blob, offset=part.offset, length=part.length)


def verified(parts: Iterable[Buffer], file: FileId) -> Iterator[Buffer]:
    """Pass parts on, and raise before the last one if they are not the file's.

    Raises:
        IntegrityError: their hash is not the file id.
    """
    digest = hasher(threads=1)
    held: Buffer | None = None
    for part in parts:
        if held is not None:
            yield held
        digest.update(part)
        held = part
    if digest.hexdigest() != file:
        raise IntegrityError(
            f"file {file[:12]} came out with other bytes than were committed; run dlv fsck"
        )
    if held is not None:
        yield held
