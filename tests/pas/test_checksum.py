"""Checksums."""

from xxhash import xxh3_64_digest

from modelhub.pas import checksum


def test_text_and_number_are_the_same() -> None:
    """XXH3-64, sixteen digits (docs/spec/pack.md §2)."""
    data = b"some stored bytes"
    assert checksum.checksum(data) == xxh3_64_digest(data).hex()
    assert checksum.number(data) == int.from_bytes(xxh3_64_digest(data), "big")
