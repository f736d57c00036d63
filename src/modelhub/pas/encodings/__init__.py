"""How groups of elements are stored: the protocol, the registry, and one module an encoding."""

from modelhub.pas.encodings.base import ENCODINGS, Chunk, Encoding

__all__ = ["ENCODINGS", "Chunk", "Encoding"]
