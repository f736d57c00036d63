"""Files of tensors as data: whatever `modelhub.recipes` reads; nothing in them is executed."""

from collections.abc import Sequence
from pathlib import Path

from modelhub.errors import InputError
from modelhub.evaluation.columns import ColumnsSource, MappedColumn
from modelhub.evaluation.data import DataOptions, DataSource, WantedInput
from modelhub.recipes import read_layouts


class TensorFiles:
    """Opens `.safetensors`, `.pt`, `.pth` and `.npy` files; torch is not needed."""

    def open(
        self,
        path: Path,
        wanted: Sequence[WantedInput],  # noqa: ARG002 - the protocol's signature
        options: DataOptions,  # noqa: ARG002
    ) -> DataSource:
        """The tensors of a file, by name."""
        columns = mapped_columns(path)
        if not columns:
            raise InputError(f"{path} holds no tensors that can be read without executing it")
        return ColumnsSource(path, columns)


def mapped_columns(path: Path) -> dict[str, MappedColumn]:
    """The tensors that lie in a file as they are.

    Raises:
        DamagedFileError: it breaks the rules of its format.
    """
    layout = read_layouts(path.parent, [path.name])[path.name]
    return {each.name: MappedColumn(path, layout, each) for each in layout.tensors}


tensors = TensorFiles()
