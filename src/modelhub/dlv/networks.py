"""Networks in the store: put as blobs whose ids are the networks', and taken out."""

from modelhub.dlv.reading import ReadableRepository
from modelhub.errors import InputError
from modelhub.network import Network, network_bytes, parse_network
from modelhub.pas import ArchiveWriter
from modelhub.values import BlobId
from modelhub.wrappers import Bytes, Captured

ROLE = "network"
NAMES = "names"  # the dialect of a network that only the names of tensors tell of


def put_network(
    repository: ReadableRepository, writer: ArchiveWriter, captured: Captured
) -> BlobId:
    """Store a network and the values of its constants; its id.

    Raises:
        InputError: it breaks a rule of the format, is too large, or names a value that it does
            not bring.
    """
    raw = network_bytes(captured.network)
    for state in captured.network.states:
        if state.tensor is None:
            continue
        value = captured.tensors.get(state.tensor)
        if value is not None:
            found = _put_value(writer, value)
            if found != state.tensor:
                raise InputError(
                    f"the network's state {state.name!r} has another value than it says"
                )
        elif repository.index.find_tensor(state.tensor) is None:
            raise InputError(f"the network does not bring the value of its state {state.name!r}")
    return writer.put_blob(raw, role=ROLE)


def _put_value(writer: ArchiveWriter, value: Bytes) -> str:
    dtype, shape, data = value

    def source(offset: int, size: int) -> memoryview:
        return data[offset : offset + size]

    return writer.put_tensor(source, dtype=dtype, shape=shape).id


def read_network(repository: ReadableRepository, id_: str) -> Network:
    """A network of the store.

    Raises:
        NotFoundError: it is not there.
        IntegrityError: its bytes are damaged.
    """
    return parse_network(repository.reader.blob(BlobId(id_)))
