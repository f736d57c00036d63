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


EXPONENT = {1: (23, 8), 2: (7, 8), 3: (10, 5), 4: (52, 11)}  # §6: lowest bit, bits
SIGN = {1: 31, 2: 15, 3: 15, 4: 63}


def decode(chunks: list[tuple[int, bytes]], *, width: int, size: int, base: bytes = b"") -> bytes:
    """§1: a group of `size` bytes, of elements of `width` bytes."""
    (mode,) = {mode for mode, _ in chunks}
    delta, number_of = mode & ~63, mode & 63
    unit, levels = scheme(number_of, width)
    count = size // unit
    parents = [number(base[at : at + unit]) for at in range(0, len(base), unit)] if delta else []
    group = Group(number_of, count, parents if delta != 192 else [], delta)
    for streams, (_, data) in zip(levels, chunks, strict=False):
        at = 5 * len(streams)
        for place, (low, bits) in enumerate(streams):
            head = data[5 * place : 5 * place + 5]
            content = data[at : at + number(head[1:])]
            at += number(head[1:])
            contexts = group.contexts if delta != 192 else None
            group.learn(stream(head[0], content, count, bits, contexts), low, bits)
        assert at == len(data)
    values = group.values
    if delta == 192:
        values = [(v + p) % (1 << 8 * unit) for v, p in zip(values, parents, strict=True)]
    return b"".join(value.to_bytes(unit, "little") for value in values)


class Group:
    """§2 and §6: elements of which the first streams are known."""

    def __init__(self, scheme: int, count: int, parents: list[int], delta: int) -> None:
        self.scheme, self.parents, self.delta = scheme, parents, delta
        self.values = [0] * count
        self.moved = [0] * count
        self.lowest = 8 * 16  # bit that is known

    def learn(self, symbols: list[int], low: int, bits: int) -> None:
        mask = (1 << bits) - 1
        sign = SIGN.get(self.scheme)
        self.lowest = low if low != sign else self.lowest
        for i, symbol in enumerate(symbols):
            parent = self.parents[i] >> low & mask if self.parents else 0
            own = symbol ^ parent if self.delta == 128 else symbol + parent & mask
            self.values[i] |= own << low
            if low != sign:
                inner = mask >> 1 if self.scheme == 3 and low == 8 else mask
                moved = self.moved[i] * (1 << bits) + (own & inner) - (parent & inner)
                self.moved[i] = min(2, max(-2, moved))
        if self.scheme == 3 or low == sign:
            self.is_sign_known = True

    is_sign_known = False

    def contexts(self, top: int) -> list[int]:
        return [self.context(i, top) for i in range(len(self.values))]

    def context(self, i: int, top: int) -> int:
        own = self.parents[i] if self.parents else self.values[i]
        kind = 0
        if self.scheme in EXPONENT:
            low, bits = EXPONENT[self.scheme]
            if self.parents or self.lowest <= low:
                kind = min(15, max(0, top - (own >> low & (1 << bits) - 1)))
        if not self.parents:
            return kind
        sign = SIGN.get(self.scheme, 0)
        if self.is_sign_known and (self.values[i] ^ self.parents[i]) >> sign & 1:
            return 80 + kind
        return 16 * (self.moved[i] + 2) + kind

    @property
    def many(self) -> int:
        return 96 if self.parents else 16


def bit_string(content: bytes, count: int, bits: int) -> list[int]:
    """§4, mode 1."""
    assert len(content) == (count * bits + 7) // 8
    if bits == 8:
        return list(content)
    string = number(content)
    assert string < 1 << count * bits
    text = f"{string:0{count * bits}b}"
    return [
        int(text[len(text) - bits * (i + 1) : len(text) - bits * i] or "0", 2) for i in range(count)
    ]


def stream(mode: int, content: bytes, count: int, bits: int, contexts=None) -> list[int]:
    """§4."""
    if mode == 0:
        assert len(content) == 1
        assert content[0] < 1 << bits
        return [content[0]] * count
    if mode in (2, 7):
        return runs(content, count, bits) if mode == 2 else rans(content, 0, 1, [0] * count, bits)
    if mode == 3:
        assert zstandard.frame_content_size(content) == (count * bits + 7) // 8
        content = zstandard.ZstdDecompressor().decompress(content)
    if mode == 4:
        found = contexts(number(content[1:3]))
        many = contexts.__self__.many
        names = bit_string(content[3 : 3 + many // 2], many, 4)
        return rans(content, 3 + many // 2, content[0], [names[each] for each in found], bits)
    if mode == 5:
        return sparse(content, count, bits)
    if mode == 6:
        many = -(-count // 1024)
        names = bit_string(content[1 : 1 + (many + 1) // 2], many, 4)
        which = [names[i // 1024] for i in range(count)]
        return rans(content, 1 + (many + 1) // 2, content[0], which, bits)
    assert mode in (1, 3)
    return bit_string(content, count, bits)


def sparse(content: bytes, count: int, bits: int) -> list[int]:
    """§7."""
    common, k, few = content[0], content[1], number(content[2:6])
    between = 6 + (few * k + 7) // 8
    end = between + (few + (count - 1 >> k) + 7) // 8
    low = bit_string(content[6:between], few, k)
    high = bit_string(content[between:end], few + (count - 1 >> k), 1)
    places = [bit for bit, is_set in enumerate(high) if is_set]
    assert len(places) == few
    found = [common] * count
    assert content[end] in (0, 1, 7)
    values = stream(content[end], content[end + 1 :], few, bits)
    for i, value in enumerate(values):
        found[(places[i] - i << k) + low[i]] = value
    return found


def rans(content: bytes, at: int, many: int, which: list[int], bits: int) -> list[int]:
    """§5."""
    tables = []
    for _ in range(many):
        frequencies, at = table(content, at, bits)
        tables.append([(s, f, p) for s, f in sorted(frequencies.items()) for p in range(f)])
    return decoded(content, at, tables, which, 32 if len(which) >= 16384 else 4)


def runs(content: bytes, count: int, bits: int) -> list[int]:
    """§5.1."""
    low, high, at = content[0], content[1], 2
    assert low < high < 1 << bits
    frequencies = {}
    for symbol in range(low, high + 1):
        frequencies[symbol], at = frequency_at(content, at)
    assert frequencies[low]
    assert frequencies[high]
    assert sum(frequencies.values()) == 4096
    slots = [(s, f, p) for s, f in frequencies.items() for p in range(f)]
    many = -(-count // 65536)
    sizes = [number(content[at + 4 * run : at + 4 * run + 4]) for run in range(many)]
    at += 4 * many
    found: list[int] = []
    for size in sizes:
        run = min(65536, count - len(found))
        found += decoded(content[at : at + size], 0, [slots], [0] * run, 32)
        at += size
    assert at == len(content)
    return found


def decoded(content: bytes, at: int, tables: list, which: list[int], lanes: int) -> list[int]:
    """§5, a coded run."""
    states = [number(content[at + 4 * lane : at + 4 * lane + 4]) for lane in range(lanes)]
    at += 4 * lanes
    assert all(1 << 15 <= state < 1 << 31 for state in states)
    found = []
    for i, name in enumerate(which):
        x = states[i % lanes]
        symbol, frequency, place = tables[name][x % 4096]
        x = frequency * (x >> 12) + place
        if x < 1 << 15:
            assert at + 2 <= len(content)
            x = (x << 16) + number(content[at : at + 2])
            at += 2
        states[i % lanes] = x
        found.append(symbol)
    assert at == len(content)
    assert states == [1 << 15] * lanes
    return found


def table(content: bytes, at: int, bits: int) -> tuple[dict[int, int], int]:
    low, high, at = content[at], content[at + 1], at + 2
    assert low != high
    frequencies: dict[int, int] = {}
    symbol = low
    while high not in frequencies:
        frequency, at = frequency_at(content, at)
        frequencies[symbol] = frequency
        symbol = (symbol + 1) % (1 << bits)
        if frequency == 0:
            symbol = (symbol + content[at]) % (1 << bits)
            at += 1
    assert frequencies[low]
    assert frequencies[high]
    assert sum(frequencies.values()) == 4096
    return frequencies, at


def frequency_at(content: bytes, at: int) -> tuple[int, int]:
    frequency = content[at]
    if frequency < 128:
        return frequency, at + 1
    frequency = (frequency - 128) * 256 + content[at + 1]
    assert frequency >= 128
    return frequency, at + 2
