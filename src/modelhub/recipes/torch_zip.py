"""torch's zip form: a pickle, and a member for each storage."""

from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.recipes.layout import Layout
from modelhub.recipes.pickles import PickleError, UnwelcomeError
from modelhub.recipes.torch_storages import Place, layout_of, unpickle, whole
from modelhub.recipes.zips import StoredMember, members, read_member

MAX_PICKLE = 256 << 20
SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".tar", ".model")
_ZIP = b"PK\x03\x04"
_MAX_WORD = 64  # bytes of the member that says the order of bytes


class TorchZipReader:
    """Reads what `torch.save` has written since torch 1.6."""

    name = "torch-zip"

    def claims(self, path: Path, head: bytes) -> bool:
        """By name and magic."""
        return path.name.lower().endswith(SUFFIXES) and head.startswith(_ZIP)

    def read(self, path: Path) -> Layout:
        """The layout of a file; one that asks for unknown classes is taken whole."""
        listed = members(path)
        found = {member.name: member for member in listed}
        if len(found) < len(listed):
            return whole(path, "a zip file in which a name stands twice")
        pickles = [name for name in found if name == "data.pkl" or name.endswith("/data.pkl")]
        if len(pickles) != 1:
            return whole(path, "a zip file without a data.pkl of torch's")
        prefix = pickles[0].removesuffix("data.pkl")
        if not all(m.is_stored for name, m in found.items() if name.startswith(prefix)):
            return whole(path, "a checkpoint whose members are compressed")
        if f"{prefix}constants.pkl" in found:
            return whole(path, "a TorchScript archive")
        if _text(path, found.get(f"{prefix}byteorder")) not in ("", "little"):
            return whole(path, "written on a big-endian machine")
        return self._layout(path, found, prefix)

    def _layout(self, path: Path, found: dict[str, StoredMember], prefix: str) -> Layout:
        pickle = found[f"{prefix}data.pkl"]
        if pickle.size > MAX_PICKLE:
            return whole(path, "a checkpoint whose pickle is very long")
        raw = read_member(path, pickle, limit=MAX_PICKLE)
        start = f"{prefix}data/"
        storages = {name[len(start) :]: m for name, m in found.items() if name.startswith(start)}
        places = {key: Place(offset=m.offset, size=m.size) for key, m in storages.items()}
        try:
            return layout_of(path, self.name, unpickle(raw, 0, len(raw)), places)
        except UnwelcomeError as error:
            return whole(path, f"asks for {error}")
        except PickleError as error:
            raise DamagedFileError(f"{path}: its pickle is not valid: {error}") from None


def _text(path: Path, member: StoredMember | None) -> str:
    if member is None:
        return ""
    if member.size > _MAX_WORD:
        return "?"
    return read_member(path, member, limit=_MAX_WORD).decode("ascii", "replace").strip()


reader = TorchZipReader()
