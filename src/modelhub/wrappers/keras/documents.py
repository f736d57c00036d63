"""Where Keras writes what a model is: in a `.keras` file, or in the text of `to_json()`."""

import errno
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

from modelhub.errors import DamagedFileError
from modelhub.recipes import shown
from modelhub.wrappers.texts import head_of

MAX_BYTES = 16 << 20
CONFIG = "config.json"
_ZIP = b"PK\x03\x04"
_MODELS = (b'"Functional"', b'"Sequential"', b'"Model"', b'"build_config"', b'"compile_config"')
_FAULTS = (
    *(zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, KeyError),
    *(OverflowError, zlib.error),
)


def is_document(path: Path) -> bool:
    """Whether a file is one of Keras', by its name and how it begins; never raises."""
    suffix = path.suffix.lower()
    if suffix == ".keras":
        return head_of(path).startswith(_ZIP)
    if suffix != ".json":
        return False
    head = head_of(path)
    return b'"class_name"' in head and any(word in head for word in _MODELS)


def read_document(path: Path) -> dict[str, Any]:
    """The configuration of a model, as it is written; nothing in it is executed.

    Cost: at most `MAX_BYTES` are unpacked, whatever the file says.

    Raises:
        DamagedFileError: there is none, or it is no JSON object, or it is too long.
    """
    raw = _member(path) if path.suffix.lower() == ".keras" else _text(path)
    if len(raw) > MAX_BYTES:
        raise DamagedFileError(
            f"{path}: the configuration of the model is longer than {MAX_BYTES:,} bytes"
        )
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(
            f"{path}: the configuration of the model is no JSON: {shown(str(error))}"
        ) from None
    if not isinstance(found, dict):
        raise DamagedFileError(f"{path}: the configuration of the model is no JSON object")
    return found


def _text(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _member(path: Path) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            found = [info for info in archive.infolist() if info.filename == CONFIG]
            if len(found) != 1:
                raise ValueError(f"it has {len(found)} members {CONFIG}, where one must be")
            # Others let the file say how much memory unpacking takes.
            if found[0].compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise ValueError(f"{CONFIG} is compressed in an unusual way")
            with archive.open(found[0]) as member:
                return member.read(MAX_BYTES + 1)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a seek to an impossible place is the file's fault
            raise
        raise DamagedFileError(f"{path} is no file of Keras: it is damaged") from None
    except _FAULTS as error:
        raise DamagedFileError(f"{path} is no file of Keras: {shown(str(error))}") from None
