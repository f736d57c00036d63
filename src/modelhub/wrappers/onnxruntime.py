"""Networks of ONNX, run by onnxruntime from the version's own file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from modelhub.errors import InputError
from modelhub.network import Network
from modelhub.recipes import external_tensors
from modelhub.wrappers.networks import Array, Weight

_SILENT = 4  # only what ends the process is told
_TYPES = {
    "tensor(float)": np.dtype(np.float32),
    "tensor(double)": np.dtype(np.float64),
    "tensor(float16)": np.dtype(np.float16),
    "tensor(bool)": np.dtype(np.bool_),
} | {
    f"tensor({sign}int{n})": np.dtype(f"{sign}int{n}")
    for sign in ("", "u")
    for n in (8, 16, 32, 64)
}

onnxruntime.set_default_logger_severity(_SILENT)


class OnnxRunner:
    """Loads the file that a version holds; what stands in `weights` is in that file, too."""

    needs_files = True

    def load(
        self,
        network: Network,
        weights: Mapping[str, Weight],  # noqa: ARG002 - they are read from the file
        files: Mapping[str, Path],
    ) -> "OnnxModel":
        """A session of the file whose inputs are the network's.

        Raises:
            InputError: there is no such file, or onnxruntime cannot run it; says why.
        """
        wanted = [str(node.attributes.get("argument", node.name)) for node in network.inputs]
        candidates = {path: file for path, file in files.items() if path.lower().endswith(".onnx")}
        failures = []
        for path, file in sorted(candidates.items()):
            external_tensors(file)  # refuses a file that names others outside its folder
            try:
                model = OnnxModel(_session(file))
            except InputError as error:
                failures.append(f"{path}: {error}")
                continue
            if model.inputs == wanted:
                return model
            failures.append(f"{path} has the inputs {', '.join(model.inputs) or 'none'}")
        if not failures:
            raise InputError("the version holds no .onnx file, so that there is nothing to run")
        raise InputError(f"no .onnx file runs as this network: {'; '.join(failures)}")


class OnnxModel:
    """A session of onnxruntime; batches are checked before it sees them."""

    def __init__(self, session: onnxruntime.InferenceSession) -> None:
        self._session = session
        self._expected = {each.name: each for each in session.get_inputs()}

    @property
    def inputs(self) -> Sequence[str]:
        """The names of its inputs, in order."""
        return list(self._expected)

    def __call__(self, batch: Mapping[str, Array]) -> list[Array]:
        """What it returns for a batch, in order.

        Raises:
            InputError: an input is missing, unknown, or of another shape or dtype; or the
                network cannot be computed for it.
        """
        unknown = [name for name in batch if name not in self._expected]
        if unknown:
            raise InputError(f"there is no input {unknown[0]!r}; there are: {self._named()}")
        sizes: dict[str, tuple[int, str]] = {}
        feed = {name: self._checked(name, batch, sizes) for name in self._expected}
        try:
            found: list[Array] = self._session.run(None, feed)
        except Exception as error:  # noqa: BLE001 - it raises classes that have no common base
            raise InputError(f"onnxruntime cannot compute this batch: {one_line(error)}") from None
        return found

    def _named(self) -> str:
        return ", ".join(self._expected)

    def _checked(
        self, name: str, batch: Mapping[str, Array], sizes: dict[str, tuple[int, str]]
    ) -> Array:
        expected = self._expected[name]
        if name not in batch:
            raise InputError(f"the input {name!r} is missing; there are: {self._named()}")
        array = np.asarray(batch[name])
        dtype = _TYPES.get(expected.type)
        if dtype != array.dtype:
            raise InputError(
                f"the input {name!r} is {array.dtype}, where the network takes {expected.type}"
            )
        fits = len(expected.shape) == array.ndim and all(
            self._fits(axis, extent, name, sizes)
            for axis, extent in zip(expected.shape, array.shape, strict=True)
        )
        if not fits:
            raise InputError(
                f"the input {name!r} has the shape {list(array.shape)}, "
                f"where the network takes {expected.shape}"
            )
        return np.ascontiguousarray(array).reshape(array.shape)

    @staticmethod
    def _fits(
        axis: int | str | None, extent: int, name: str, sizes: dict[str, tuple[int, str]]
    ) -> bool:
        """Whether an extent is the one wanted; a size that has a name is the same everywhere."""
        if not isinstance(axis, str):
            return axis is None or axis == extent
        before, where = sizes.setdefault(axis, (extent, name))
        if before != extent:
            raise InputError(
                f"the size {axis!r} is {before} in the input {where!r} and {extent} in {name!r}"
            )
        return True


def _session(file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    try:
        return onnxruntime.InferenceSession(
            str(file), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # noqa: BLE001 - it raises classes that have no common base
        said = one_line(error, hidden=f"{file.parent}/")
        raise InputError(f"onnxruntime cannot load it: {said}") from None


def one_line(error: Exception, *, hidden: str = "") -> str:
    """What onnxruntime says, without its codes and line breaks.

    Args:
        error: of onnxruntime.
        hidden: a folder that is no one's business, such as the one that files were put in to run.
    """
    text = " ".join(str(error).split()).replace(hidden, "")
    return text.partition(" : ")[2][:500] if text.startswith("[ONNXRuntimeError]") else text[:500]


runner = OnnxRunner()
