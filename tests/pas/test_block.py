"""Tests of `modelhub.pas.block`: the bytes of pack.md §3."""

from blake3 import blake3

from modelhub.pas import Limits
from modelhub.pas.block import BlockWriter
from modelhub.values import TensorInfo


def info(letter, shape):
    return TensorInfo(id=letter * 64, dtype="uint8", shape=shape)


def test_a_block_is_elements_and_a_hash_of_what_it_lists():
    """Elements back to back, then the BLAKE3 of the ids; offsets say where each tensor is."""
    made = []
    block = BlockWriter(made.append, Limits())
    block.add(info("a", (3,)), b"abc")
    block.add(info("b", (0,)), b"")
    block.add(info("c", (2,)), b"de")
    block.close()
    block.close()
    [found] = made
    ids = ("a" * 64 + "b" * 64 + "c" * 64).encode()

    assert found.member.id == blake3(b"abcde" + blake3(ids).digest()).hexdigest()
    assert [(entry.info.id[0], offset) for entry, offset in found.tensors] == [
        ("a", 0),
        ("b", 3),
        ("c", 3),
    ]


def test_a_block_keeps_to_its_size():
    """The hash counts, too."""
    made = []
    block = BlockWriter(made.append, Limits(block=100))
    for letter in "abcdef":
        block.add(info(letter, (30,)), letter.encode() * 30)
    block.close()

    assert [found.member.raw_size for found in made] == [92, 92, 92]
