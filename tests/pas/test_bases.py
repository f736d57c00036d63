"""Tests of `modelhub.pas.bases`."""

import numpy as np
import pytest


def weights(seed, count=20_000):
    return np.random.default_rng(seed).normal(size=count).astype(np.float32)


def moved(values, seed, by=1e-4):
    return (values * (1 + by * np.random.default_rng(seed).normal(size=values.size))).astype("f4")


def put(archive, tools, values, candidates=()):
    with archive.writer(encoding="levels-rans") as writer:
        info = tools.put(
            writer, "float32", values.shape, values.tobytes(), base_candidates=candidates
        )
    archive.register(writer.packs)
    return archive.index.find_tensor(info.id)


def test_what_resembles_a_candidate_is_a_delta_and_reads_back(archive, tools):
    """It takes fewer bytes, and whole, streamed and in part it is the same."""
    base, child = weights(1), moved(weights(1), 2)
    stored = put(archive, tools, base)
    delta = put(archive, tools, child, [stored.info.id])
    with archive.reader() as reader:
        part = reader.read(delta.info.id, start=1500, stop=4200)
        streamed = b"".join(reader.stream(delta.info.id))

        assert bytes(part) == child[1500:4200].tobytes()
        assert streamed == child.tobytes()
        assert delta.base == stored.info.id
        assert delta.cost < 0.9 * stored.cost


def test_what_resembles_nothing_is_whole(archive, tools):
    """Unrelated weights, and candidates of another shape or dtype, are no bases."""
    stored = put(archive, tools, weights(1))
    other = put(archive, tools, weights(1, 100 * 20))

    assert put(archive, tools, weights(7), [stored.info.id, other.info.id, "0" * 64]).base is None


def test_snapshots_lean_on_the_whole_one(archive, tools):
    """Steps that are equally far from each other make a star, and never more than eight deep."""
    base = weights(1)
    root = last = put(archive, tools, base)
    for step in range(12):
        last = put(archive, tools, moved(base, 10 + step), [last.info.id])

        assert last.base == root.info.id


@pytest.mark.parametrize("by", [1e-3, 1e-6])
def test_chains_end(archive, tools, by):
    """A walk that goes ever farther away is readable at each step, at most eight bases deep."""
    values = weights(1)
    last = put(archive, tools, values)
    for step in range(14):
        values = moved(values, step, by=by)
        last = put(archive, tools, values, [last.info.id])
    with archive.reader() as reader:
        assert bytes(reader.read(last.info.id)) == values.tobytes()


def test_two_of_four_levels_read_less_than_half(archive, tools):
    """Of a child and its base, 2 of 4 levels are at most 42 % of what is stored."""
    values = weights(1)
    stored = put(archive, tools, values)
    delta = put(archive, tools, moved(values, 2), [stored.info.id])
    with archive.reader() as reader:
        found = reader.read_levels(delta.info.id, 2)

    assert delta.base
    assert found.known == 0xFFFF0000
    assert found.bytes_read <= 0.42 * found.bytes_stored
    wanted = moved(values, 2).view(np.uint32) & np.uint32(0xFFFF0000)
    assert np.array_equal(np.frombuffer(found.data, np.uint32), wanted)
