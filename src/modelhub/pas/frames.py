"""Zstd frames whose decoded size is known beforehand, never taken from the frame."""

from threading import local

import zstandard

from modelhub.durable import Buffer
from modelhub.errors import IntegrityError

_contexts = local()


class Compressor:
    """One way to make frames; threads share it, though a context serves one at a time.

    Args:
        parameters: of zstd.
    """

    def __init__(self, parameters: zstandard.ZstdCompressionParameters) -> None:
        self._parameters = parameters
        self._contexts = local()

    def compress(self, raw: Buffer) -> bytes:
        """One frame."""
        contexts = self._contexts
        if not hasattr(contexts, "mine"):
            contexts.mine = zstandard.ZstdCompressor(compression_params=self._parameters)
        found: zstandard.ZstdCompressor = contexts.mine
        return found.compress(raw)


def compress(raw: Buffer, *, level: int, base: bytes | None = None) -> bytes:
    """One frame with the content size in its header; `base` is a raw content dictionary."""
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level, source_size=len(raw), dict_size=len(base or b"")
    )
    dictionary = _dictionary(base) if base else None
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=dictionary).compress(
        raw
    )


def decompress(frame: Buffer, size: int, *, base: bytes | None = None) -> bytes:
    """The `size` bytes of a frame.

    Raises:
        IntegrityError: it is no frame of `size` bytes; nothing was allocated by its word.
    """
    try:
        declared = zstandard.frame_content_size(frame)
        if declared != size:
            raise IntegrityError(f"a zstd frame declares {declared} bytes instead of {size}")
        context = _decompressor() if not base else _decompressor_with(base)
        return context.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise IntegrityError(f"a zstd frame is damaged ({error})") from error


def content_size(frame: Buffer, *, most: int) -> int:
    """The size that a frame declares.

    Raises:
        IntegrityError: it declares none, or more than `most` bytes.
    """
    try:
        declared = zstandard.frame_content_size(frame)
    except zstandard.ZstdError as error:
        raise IntegrityError(f"a zstd frame is damaged ({error})") from error
    if not 0 <= declared <= most:
        raise IntegrityError(f"a zstd frame declares {declared} bytes; at most {most} are allowed")
    return int(declared)


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _decompressor_with(base: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary(base))


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_contexts, "decompressor"):
        _contexts.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _contexts.decompressor
    return found
