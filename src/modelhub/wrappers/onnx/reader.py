"""Networks of ONNX files: only messages that describe the graph are read, never the weights."""

from pathlib import Path

from modelhub.errors import DamagedFileError
from modelhub.recipes import READERS, WireError, external_tensors, mapped_bytes
from modelhub.wrappers.networks import Captured
from modelhub.wrappers.onnx.graphs import GraphBuilder
from modelhub.wrappers.onnx.inlining import without_functions
from modelhub.wrappers.onnx.messages import read_model


class OnnxNetwork:
    """Reads the graph of a model; states are called as the snapshot's tensors are."""

    name = "onnx"

    def claims(self, path: Path) -> bool:
        """By the name: the format has no magic."""
        return path.suffix.lower() == ".onnx" and path.is_file()

    def read(self, path: Path) -> Captured:
        """The network of a model.

        Files that hold its weights are not opened; that they lie in its folder is checked.

        Memory: by the number of nodes; a model of gigabytes takes no more than its graph.

        Raises:
            DamagedFileError: it is no ONNX model, or breaks the rules of the format.
        """
        layout = READERS.get("onnx").read(path)
        external_tensors(path)
        names = {
            layout.spans[tensor.span].offset: tensor.name
            for tensor in layout.tensors
            if tensor.span is not None
        }
        with mapped_bytes(path) as buffer:
            try:
                return GraphBuilder(buffer, without_functions(read_model(buffer)), names).captured()
            except WireError as error:
                raise DamagedFileError(
                    f"{path} is no ONNX model that can be used ({error}); get it anew"
                ) from None


reader = OnnxNetwork()
