from collections.abc import Sequence

from modelhub.durable import Buffer

def encode(
    path: str, width: int, scheme: int, group: Buffer, base: Buffer | None, /
) -> list[tuple[int, bytes]]: ...
def decode(
    path: str,
    width: int,
    scheme: int,
    streams: list[tuple[int, Buffer]],
    out: memoryview,
    base: Buffer | None,
    /,
) -> None: ...
def paths() -> Sequence[str]: ...
