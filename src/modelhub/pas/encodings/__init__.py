"""How groups of elements are stored: the protocol, the registry, and one module an encoding."""

from modelhub.pas.encodings.base import ENCODINGS, Chunk, Encoding
from modelhub.pas.encodings.default import default_encoding

__all__ = ["ENCODINGS", "Chunk", "Encoding", "default_encoding"]
