"""dlv cat-tensor: the elements of a tensor."""

import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from modelhub import durable
from modelhub.cli.examples import examples
from modelhub.cli.render import output_options, render
from modelhub.cli.repository import pass_repository
from modelhub.dlv.operations.cat_tensor import TensorValues, cat_tensor
from modelhub.dlv.reading import ReadableRepository
from modelhub.pages import human_shape

Array = np.ndarray[Any, Any]
SHOWN = 1000  # elements; more are shortened in the middle


class Rows(click.ParamType[tuple[int, int]]):
    """`start:stop`, or one row."""

    name = "start:stop"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers."""
        found = re.fullmatch(r"(\d{1,18})(?::(\d{1,18}))?", str(value))
        if found is None:
            self.fail(f"{value!r} is not of the form start:stop", param, ctx)
        start = int(found[1])
        return start, int(found[2]) if found[2] else start + 1


@click.command(
    epilog=examples(
        "dlv cat-tensor lenet::fc.bias",
        "dlv cat-tensor lenet@2/step-100::conv1.weight --rows 0:2",
        "dlv cat-tensor lenet::conv1.weight -o conv1.npy",
        "dlv cat-tensor lenet::conv1.weight --raw | xxd | head",
    )
)
@click.argument("revision")
@click.option("--rows", type=Rows(), help="Only these rows; the rest is not read.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a .npy file.")
@click.option("--raw", is_flag=True, help="Print the bytes, little-endian, in C order.")
@output_options
@pass_repository(ReadableRepository)
def command(
    repository: ReadableRepository,
    revision: str,
    *,
    rows: tuple[int, int] | None,
    output: Path | None,
    raw: bool,
) -> None:
    """Print the tensor that REVISION names after `::`."""
    found = cat_tensor(repository, revision, rows=rows)
    if output is not None:
        durable.write_output(output, [as_npy(found.values)])
    elif raw:
        sys.stdout.buffer.write(found.values.tobytes())
    else:
        render(_printed(found), page=lambda _: _page(found), ids=lambda each: [each.name])


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTensor:
    """A tensor as JSON: nested lists of numbers; complex ones as text.

    Attributes:
        name: in its snapshot.
        dtype: its name.
        shape: of `values`.
        values: the elements.
        bytes_read: stored bytes that were read for them.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    values: Any
    bytes_read: int


def _printed(found: TensorValues) -> PrintedTensor:
    values = widened(found.values)
    return PrintedTensor(
        name=found.name,
        dtype=found.dtype,
        shape=found.shape,
        values=(values.astype(str) if values.dtype.kind == "c" else values).tolist(),
        bytes_read=found.bytes_read,
    )


def widened(values: Array) -> Array:
    """Elements of dtypes that NumPy lacks (bfloat16, float8) as float32, which holds them all."""
    return values if values.dtype.isbuiltin == 1 else values.astype(np.float32)


def as_npy(values: Array) -> bytes:
    """The bytes of a `.npy` file."""
    file = io.BytesIO()
    np.save(file, widened(values), allow_pickle=False)
    return file.getvalue()


def _page(found: TensorValues) -> str:
    shape = human_shape(found.shape)
    with np.printoptions(threshold=SHOWN, linewidth=100):
        text = np.array2string(widened(found.values))
    return f"{found.name}  {found.dtype}  {shape}  ({found.bytes_read:,} bytes read)\n{text}"
