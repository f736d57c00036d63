"""A folder of pictures as data: a folder for each class, pictures in them."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from modelhub.errors import InputError
from modelhub.evaluation.data import Array, Batch, DataOptions, DataSource, Field, WantedInput
from modelhub.evaluation.pictures import PictureForm, form_of, picture
from modelhub.identity import canonical_json, hasher

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp"}
MAX_FILE = 256 << 20
IMAGE, LABEL = "image", "label"
BYTE = Fraction(1, 255)


class ImageFolders:
    """Opens folders of pictures; the classes are the folders, in the order of their names."""

    def open(self, path: Path, wanted: Sequence[WantedInput], options: DataOptions) -> DataSource:
        """The pictures below a folder, each labelled by the folder that it lies in."""
        classes = sorted(each.name for each in path.iterdir() if _has_pictures(each))
        files = [
            (picture_, label)
            for label, name in enumerate(classes)
            for picture_ in _pictures(path / name)
        ]
        loose = [] if classes else [(each, -1) for each in _pictures(path)]
        if not files and not loose:
            raise InputError(
                f"{path} holds no pictures; they lie in a folder for each class, as "
                f"{path.name}/CLASS/NAME.png"
            )
        return ImageFolder(path, files or loose, classes, form_of(wanted, options))


class ImageFolder:
    """Pictures and their classes."""

    def __init__(
        self,
        root: Path,
        files: Sequence[tuple[Path, int]],
        classes: Sequence[str],
        form: PictureForm,
    ) -> None:
        self._root = root
        self._files = files
        self._form = form
        self._content = ""
        first = self._decoded(_read(files[0][0]), files[0][0])
        known = {
            IMAGE: Field(dtype="uint8", shape=first.shape, count=len(files), scale=BYTE),
        }
        if classes:
            known[LABEL] = Field(dtype="int64", shape=(), count=len(files))
        self.fields: Mapping[str, Field] = known
        self.classes: Sequence[str] = classes

    def batches(self, size: int, fields: Sequence[str]) -> Iterator[Batch]:
        """Pictures by class, then by name."""
        digest = hasher()
        for start in range(0, len(self._files), size):
            chunk = self._files[start : start + size]
            images = []
            for path, _ in chunk:
                raw = _read(path)
                digest.update(_line(path.relative_to(self._root), raw))
                images.append(self._decoded(raw, path))
                self._check(images[0], images[-1], path)
            found = {
                IMAGE: np.stack(images),
                LABEL: np.array([label for _, label in chunk], np.int64),
            }
            yield {name: found[name] for name in fields}
        self._content = str(digest.hexdigest())

    def content(self) -> str:
        """The hash of each picture's place and bytes."""
        if not self._content:
            digest = hasher()
            for path, _ in self._files:
                digest.update(_line(path.relative_to(self._root), _read(path)))
            self._content = str(digest.hexdigest())
        return self._content

    def _decoded(self, raw: bytes, path: Path) -> Array:
        return picture(raw, str(path), self._form)

    def _check(self, first: Array, image: Array, path: Path) -> None:
        if image.shape != first.shape:
            raise InputError(
                f"{path} has the shape {list(image.shape)}, those before it {list(first.shape)}; "
                "make them equal with --image-size"
            )


def _has_pictures(folder: Path) -> bool:
    return not folder.name.startswith(".") and folder.is_dir() and bool(_pictures(folder))


def _pictures(folder: Path) -> list[Path]:
    return sorted(
        each
        for each in folder.rglob("*")
        if each.suffix.lower() in SUFFIXES and not each.name.startswith(".") and each.is_file()
    )


def _read(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE:
        raise InputError(f"{path} is larger than {MAX_FILE >> 20} MiB")
    return path.read_bytes()


def _line(place: Path, raw: bytes) -> bytes:
    digest = hasher()
    digest.update(raw)
    return canonical_json([place.as_posix(), digest.hexdigest()]) + b"\n"


images = ImageFolders()
