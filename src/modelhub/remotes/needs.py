"""What a version consists of, found in any archive that has it (repository.md §4)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from modelhub.dlv.manifest import parse_manifest
from modelhub.dlv.recipe import FileRecipe, parse_recipe
from modelhub.dlv.versions import Manifest
from modelhub.errors import IntegrityError
from modelhub.network import Network, parse_network
from modelhub.pas import LITERAL, ArchiveReader
from modelhub.values import BlobId, FileId, TensorId, VersionId

RecipeOf = Callable[[FileId], BlobId | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The closure of a version, without bases.

    Attributes:
        version: its id.
        manifest: what it says of itself.
        network: its network, if it names one.
        recipes: how its files are made, each with its blob.
        tensors: ids, each once, in the order of their first use.
        blobs: roles by id, likewise.
    """

    version: VersionId
    manifest: Manifest
    network: Network | None
    recipes: Mapping[BlobId, FileRecipe]
    tensors: Sequence[TensorId]
    blobs: Mapping[BlobId, str]

    @property
    def raw_size(self) -> int:
        """Bytes of its files."""
        return sum(each.size for each in self.manifest.content.files)


def needs_of(version: VersionId, reader: ArchiveReader, recipe_of: RecipeOf) -> Needs:
    """Find what a version consists of; each blob that says so is compared with its id.

    Raises:
        NotFoundError: such a blob is missing.
        IntegrityError: one is damaged, or is not what its format says.
    """
    manifest = parse_manifest(reader.blob(BlobId(version)), version)
    content = manifest.content
    recipes = _recipes(manifest, reader, recipe_of)
    network = None if content.network is None else BlobId(content.network)
    found = None if network is None else parse_network(reader.blob(network))
    tensors = [
        *(each.info.id for snapshot in content.snapshots for each in snapshot.tensors),
        *(id_ for recipe in recipes.values() for id_ in recipe.tensors),
        *(s.tensor for s in (found.states if found else ()) if s.tensor is not None),
    ]
    blobs = {id_: LITERAL for recipe in recipes.values() for id_ in recipe.blobs}
    blobs |= dict.fromkeys(recipes, "recipe")
    blobs |= {} if network is None else {network: "network"}
    blobs |= {} if content.history is None else {content.history: "history"}
    return Needs(
        version=version,
        manifest=manifest,
        network=found,
        recipes=recipes,
        tensors=[TensorId(each) for each in dict.fromkeys(tensors)],
        blobs=blobs | {BlobId(version): "manifest"},
    )


def _recipes(
    manifest: Manifest, reader: ArchiveReader, recipe_of: RecipeOf
) -> dict[BlobId, FileRecipe]:
    found = {}
    for file in manifest.content.files:
        blob = recipe_of(file.id)
        if blob is None:
            raise IntegrityError(f"the recipe of {file.path!r} is missing")
        recipe = parse_recipe(reader.blob(blob))
        if recipe.file != file.id or recipe.size != file.size:
            raise IntegrityError(f"the recipe of {file.path!r} makes another file")
        found[blob] = recipe
    return found
