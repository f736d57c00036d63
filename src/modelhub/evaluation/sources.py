"""Which format data are of, by the name of their file, and their opening."""

from collections.abc import Sequence
from pathlib import Path

from modelhub.errors import InputError, NotFoundError
from modelhub.evaluation.data import DataFormat, DataOptions, DataSource, WantedInput
from modelhub.evaluation.function import FunctionSource
from modelhub.evaluation.named import is_named, load_named
from modelhub.plugins import Registry

DATA_SOURCES: Registry[DataFormat] = Registry(
    "modelhub.data_sources",
    {
        "csv": "modelhub.evaluation.tables:tables",
        "images": "modelhub.evaluation.images:images",
        "npy": "modelhub.evaluation.tensors:tensors",
        "npz": "modelhub.evaluation.npz:npz",
        "parquet": "modelhub.evaluation.parquet:parquet",
        "tensors": "modelhub.evaluation.tensors:tensors",
        "tsv": "modelhub.evaluation.tables:tables",
    },
)
_TENSORS = {"safetensors", "pt", "pth"}


def open_data(
    place: str, *, wanted: Sequence[WantedInput] = (), options: DataOptions | None = None
) -> DataSource:
    """Open data: a file, a folder, or `package.module:function`.

    Raises:
        NotFoundError: there is no such file, module or function.
        InputError: nobody knows the format, or the data cannot be used.
        MissingExtraError: the format needs a package that is not installed.
    """
    if is_named(place):
        return FunctionSource(place, load_named(place))
    path = Path(place)
    if not path.exists():
        raise NotFoundError(f"there are no data at {place}; give a file, a folder, or pkg.mod:fn")
    return DATA_SOURCES.get(format_of(path)).open(path, wanted, options or DataOptions())


def format_of(path: Path) -> str:
    """The name of the format of a file or folder.

    Raises:
        InputError: there is none for it; says which there are.
    """
    if path.is_dir():
        return "parquet" if next(path.rglob("*.parquet"), None) else "images"
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in _TENSORS:
        return "tensors"
    if suffix in {"images", "tensors"} or suffix not in set(DATA_SOURCES):
        known = sorted({*DATA_SOURCES, *_TENSORS} - {"images", "tensors"})
        raise InputError(
            f"{path} is of a format that holds no data for dlv; known are {', '.join(known)}, "
            "folders of images, and pkg.mod:function"
        )
    return suffix
