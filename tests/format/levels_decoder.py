"""A decoder of `levels-rans` in plain Python, written from docs/spec/tensor-encoding.md alone.

It shares no code with modelhub, and is as slow as it is short.
"""

import zstandard

SCHEMES = {  # §2: bytes of a unit; levels of streams, each as (lowest bit, bits)
    1: (4, [[(23, 8), (31, 1)], [(16, 7)], [(8, 8)], [(0, 8)]]),
    2: (2, [[(7, 8), (15, 1)], [(0, 7)]]),
    3: (2, [[(8, 8)], [(0, 8)]]),
    4: (8, [[(60, 3), (52, 8), (63, 1)], [(48, 4)], *([(low, 8)] for low in range(40, -1, -8))]),
    5: (1, [[(0, 8)]]),
}


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def scheme(mode: int, width: int) -> tuple[int, list[list[tuple[int, int]]]]:
    if mode == 6:
        return width, [[(8 * byte, 8) for byte in reversed(range(width))]]
    return SCHEMES[mode]


def decode(chunks: list[tuple[int, bytes]], *, width: int, size: int) -> bytes:
    """§1: a group of `size` bytes, of elements of `width` bytes."""
    (mode,) = {mode for mode, _ in chunks}
    unit, levels = scheme(mode, width)
    assert len(levels) == len(chunks)
    count = size // unit
    values = [0] * count
    for streams, (_, data) in zip(levels, chunks, strict=True):
        at = 5 * len(streams)
        for place, (low, bits) in enumerate(streams):
            head = data[5 * place : 5 * place + 5]
            content = data[at : at + number(head[1:])]
            at += number(head[1:])
            for i, symbol in enumerate(stream(head[0], content, count, bits)):
                values[i] |= symbol << low
        assert at == len(data)
    return b"".join(value.to_bytes(unit, "little") for value in values)


def stream(mode: int, content: bytes, count: int, bits: int) -> list[int]:
    """§4."""
    size = (count * bits + 7) // 8
    if mode == 0:
        assert len(content) == 1
        assert content[0] < 1 << bits
        return [content[0]] * count
    if mode == 2:
        return rans(content, count, bits)
    if mode == 3:
        assert zstandard.frame_content_size(content) == size
        content = zstandard.ZstdDecompressor().decompress(content)
    assert len(content) == size
    if bits == 8:
        return list(content)
    string = number(content)
    assert string < 1 << count * bits
    text = f"{string:0{count * bits}b}"
    return [int(text[len(text) - bits * (i + 1) : len(text) - bits * i], 2) for i in range(count)]


def rans(content: bytes, count: int, bits: int) -> list[int]:
    """§5."""
    frequencies, at = table(content, bits)
    runs = -(-count // 65536)
    sizes = [number(content[at + 4 * run : at + 4 * run + 4]) for run in range(runs)]
    at += 4 * runs
    found: list[int] = []
    for size in sizes:
        found += decoded_run(content[at : at + size], frequencies, min(65536, count - len(found)))
        at += size
    assert at == len(content)
    return found


def table(content: bytes, bits: int) -> tuple[dict[int, int], int]:
    low, high, at = content[0], content[1], 2
    assert low < high < 1 << bits
    frequencies = {}
    for symbol in range(low, high + 1):
        frequency = content[at]
        at += 1
        if frequency >= 128:
            frequency = (frequency - 128) * 256 + content[at]
            at += 1
            assert frequency >= 128
        frequencies[symbol] = frequency
    assert frequencies[low]
    assert frequencies[high]
    assert sum(frequencies.values()) == 4096
    return frequencies, at


def decoded_run(data: bytes, frequencies: dict[int, int], count: int) -> list[int]:
    slots = [(s, f, place) for s, f in frequencies.items() for place in range(f)]
    states = [number(data[4 * lane : 4 * lane + 4]) for lane in range(32)]
    assert all(1 << 15 <= state < 1 << 31 for state in states)
    at = 128
    found = []
    for i in range(count):
        x = states[i % 32]
        symbol, frequency, place = slots[x % 4096]
        x = frequency * (x >> 12) + place
        if x < 1 << 15:
            assert at + 2 <= len(data)
            x = (x << 16) + number(data[at : at + 2])
            at += 2
        states[i % 32] = x
        found.append(symbol)
    assert at == len(data)
    assert states == [1 << 15] * 32
    return found
