"""Networks of Keras' files: `.keras`, and the text of `to_json()`; Keras itself is not needed."""

from pathlib import Path

from modelhub.errors import DamagedFileError, InputError
from modelhub.recipes import shown
from modelhub.wrappers.keras.documents import is_document, read_document
from modelhub.wrappers.keras.graphs import network_of
from modelhub.wrappers.keras.parts import ConfigError, part_of
from modelhub.wrappers.networks import Captured


class KerasReader:
    """Reads what a model is made of; nothing that a file says is executed."""

    name = "keras"

    def claims(self, path: Path) -> bool:
        """By the name, and by how it begins."""
        return is_document(path)

    def read(self, path: Path) -> Captured:
        """The network of a file.

        Raises:
            DamagedFileError: it describes no model, or one that contradicts itself; says why.
        """
        try:
            return network_of(part_of(read_document(path)))
        except DamagedFileError:
            raise
        except (ConfigError, InputError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise DamagedFileError(f"{path} is no model of Keras: {shown(reason)}") from None


reader = KerasReader()
