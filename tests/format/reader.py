"""An independent reader of repositories, written from docs/spec/ alone.

It knows nothing of the package: the standard library, NumPy, zstandard, and the two hashes.
It reads the objects, finds the versions, and makes their files.
"""

import hashlib
import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from blake3 import blake3
from xxhash import xxh3_64_digest, xxh3_64_hexdigest

WIDTHS = {"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "float16": 2, "bfloat16": 2}
WIDTHS |= {"int32": 4, "uint32": 4, "float32": 4, "int64": 8, "uint64": 8, "float64": 8}
WIDTHS |= {"complex64": 8, "complex128": 16}
PLANES = {"float32": 4, "bfloat16": 2, "float16": 2, "float64": 8}


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def digest(data: bytes) -> int:
    return int.from_bytes(xxh3_64_digest(data), "big")


class Repository:
    """repository.md §6: everything is found from the objects."""

    def __init__(self, folder: Path) -> None:
        assert (folder / "format").read_text() == "dlv repository 1\n"
        self.packs: dict[str, bytes] = {}
        self.places: dict[str, tuple[str, dict[str, Any]]] = {}
        self.copies: dict[str, dict[str, Any]] = {}
        self.blocks: dict[str, tuple[str, int]] = {}
        self.infos: dict[str, dict[str, Any]] = {}
        for path in sorted((folder / "objects").glob("*/*")):
            name = path.parent.name + path.name
            self.packs[name] = path.read_bytes()
            assert hashlib.sha256(self.packs[name]).hexdigest() == name
            self.register(name, self.footer(self.packs[name]))

    def footer(self, data: bytes) -> dict[str, Any]:
        """pack.md §1."""
        assert data[:8] == b"DLVPACK1"
        assert data[-8:] == b"1KCAPVLD"
        size = number(data[-24:-16])
        frame = data[-24 - size : -24]
        assert digest(frame) == number(data[-16:-8])
        return json.loads(zstandard.ZstdDecompressor().decompressobj().decompress(frame))

    def register(self, pack: str, footer: dict[str, Any]) -> None:
        """pack.md §2."""
        tensors = footer["tensors"]
        self.infos |= {each["id"]: each for each in tensors}
        for member in footer["members"]:
            stored = self.packs[pack][member["offset"] : member["offset"] + member["size"]]
            assert xxh3_64_hexdigest(stored) == member["checksum"]
            if member["kind"] == "blob":
                self.places[member["id"]] = pack, member
                for index, offset in member.get("tensors", []):
                    self.blocks[tensors[index]["id"]] = member["id"], offset
            else:
                copy = footer["copies"][member["copy"]]
                found = self.copies.setdefault(tensors[copy["tensor"]]["id"], {**copy, "parts": {}})
                found["parts"][member["level"], member["group"]] = stored

    def blob(self, id_: str) -> bytes:
        """pack.md §3."""
        pack, member = self.places[id_]
        frame = self.packs[pack][member["offset"] : member["offset"] + member["size"]]
        prefix = None
        if member["base"] is not None:
            base = self.blob(member["base"])
            kind = zstandard.DICT_TYPE_RAWCONTENT
            prefix = zstandard.ZstdCompressionDict(base, dict_type=kind)
        raw = zstandard.ZstdDecompressor(dict_data=prefix).decompress(frame)
        assert blake3(raw).hexdigest() == id_
        return raw

    def tensor(self, id_: str) -> bytes:
        """pack.md §4 and §5."""
        info = self.infos[id_]
        dtype, shape = info["dtype"], info["shape"]
        count = prod(shape)
        if id_ in self.blocks:
            block, offset = self.blocks[id_]
            data = self.blob(block)[offset : offset + count * WIDTHS[dtype]]
        else:
            data = self.decoded(self.copies[id_], dtype, count)
        header = f"dlv tensor 1\n{dtype}\n{','.join(map(str, shape))}\n".encode()
        assert blake3(header + data).hexdigest() == id_
        return data

    def decoded(self, copy: dict[str, Any], dtype: str, count: int) -> bytes:
        assert copy["encoding"] == "planes-zstd"
        size = copy["group_size"]
        levels: list[dict[int, bytes]] = [{} for _ in range(copy["levels"])]
        for (level, first), stored in copy["parts"].items():
            for at, (mode, data) in enumerate(self.chunks(stored), start=first):
                elements = min(size, count - at * size)
                width = elements if dtype in PLANES else elements * WIDTHS[dtype]
                levels[level][at] = self.chunk(mode, data, width)
        groups = -(-count // size)
        return b"".join(merged(dtype, [level[g] for level in levels]) for g in range(groups))

    def chunks(self, stored: bytes) -> Iterator[tuple[int, bytes]]:
        count = number(stored[:4])
        heads = stored[12 : 12 + 13 * count]
        assert digest(heads) == number(stored[4:12])
        position = 12 + 13 * count
        for at in range(0, len(heads), 13):
            size = number(heads[at + 1 : at + 5])
            data = stored[position : position + size]
            assert digest(data) == number(heads[at + 5 : at + 13])
            yield heads[at], data
            position += size

    def chunk(self, mode: int, data: bytes, width: int) -> bytes:
        if mode == 1:
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=width)
        found = data * width if mode == 2 else data
        assert len(found) == width
        return found

    def file(self, id_: str) -> bytes:
        """recipes.md §1."""
        (recipe,) = (m["id"] for _, m in self.places.values() if m.get("file") == id_)
        found = json.loads(self.blob(recipe))
        parts = []
        for kind, *rest in found["spans"]:
            if kind == 0:
                blob, offset, length = rest
                parts.append(self.blob(found["blobs"][blob])[offset : offset + length])
            else:
                tensor, length = rest
                parts.append(self.tensor(found["tensors"][tensor]))
                assert len(parts[-1]) == length
        data = b"".join(parts)
        assert blake3(data).hexdigest() == id_
        assert len(data) == found["size"]
        return data

    def versions(self) -> dict[str, dict[str, Any]]:
        """manifest.md §4: the versions that exist and are not removed, by name@number."""
        roles = {id_: member["role"] for id_, (_, member) in self.places.items()}
        records = [json.loads(self.blob(id_)) for id_, role in roles.items() if role == "record"]
        found: dict[str, str] = {}
        removed: set[str] = set()
        for record in sorted(records, key=lambda record: record["seq"]):
            if record["kind"] == "commit":
                found[f"{record['name']}@{record['number']}"] = record["version"]
            elif record["kind"] == "remove":
                removed.add(record["version"])
            elif record["kind"] == "restore":
                removed.discard(record["version"])
        return {
            name: {"id": id_, **json.loads(self.blob(id_))}
            for name, id_ in found.items()
            if id_ not in removed and id_ in self.places
        }


def merged(dtype: str, levels: list[bytes]) -> bytes:
    """The elements of a group from its levels, most significant first (pack.md §5)."""
    if dtype not in PLANES:
        return levels[0]
    planes = [np.frombuffer(level, np.uint8) for level in levels]
    if dtype in ("float32", "bfloat16"):
        exponent, second, *rest = planes
        planes = [(second & 128) | (exponent >> 1), ((exponent & 1) << 7) | (second & 127), *rest]
    return np.stack(planes[::-1], axis=1).tobytes()
