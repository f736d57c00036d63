"""How far two tensors lie apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhub.dlv.distances import PIECE, Distance, distance

RANDOM = np.random.default_rng(0)


def apart(one: np.ndarray, other: np.ndarray, pieces: int | None = None) -> Distance:
    a, b = one.reshape(-1), other.reshape(-1)
    return distance(lambda i, j: a[i:j], lambda i, j: b[i:j], one.shape, pieces=pieces)


@pytest.mark.property
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_it_is_what_numpy_says(rows: int, columns: int, seed: int) -> None:
    """Norms, angle, and the singular values of the difference."""
    random = np.random.default_rng(seed)
    one, other = random.normal(size=(2, rows, columns))
    found = apart(one, other)
    moved = other - one
    cosine = np.sum(one * other) / np.linalg.norm(one) / np.linalg.norm(other)

    assert found.relative_change == pytest.approx(np.linalg.norm(moved) / np.linalg.norm(one))
    assert found.cosine == pytest.approx(cosine)
    assert found.stable_rank == pytest.approx(
        np.sum(moved**2) / np.linalg.norm(moved, 2) ** 2, rel=0.2
    )
    assert (found.share_changed, found.share_read) == (1, 1)


def test_a_change_of_rank_one_has_stable_rank_one() -> None:
    """What an adapter of low rank adds shows as that, whatever the tensor's axes."""
    one = RANDOM.normal(size=(64, 3, 4, 4))
    added = np.outer(RANDOM.normal(size=64), RANDOM.normal(size=48)).reshape(one.shape)

    assert apart(one, one + added).stable_rank == pytest.approx(1)


def test_equal_tensors_are_not_apart() -> None:
    """No difference has no rank."""
    one = RANDOM.normal(size=(5, 5))

    assert apart(one, one) == Distance(
        relative_change=0, cosine=pytest.approx(1), share_changed=0, stable_rank=None, share_read=1
    )


@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_nothing_to_compare(shape: tuple[int, ...]) -> None:
    """An empty tensor equals another one."""
    found = apart(np.zeros(shape), np.zeros(shape))

    assert (found.relative_change, found.cosine, found.share_changed) == (None, None, 0)


def test_what_is_not_finite_is_left_out() -> None:
    """NaN equals itself, byte for byte; infinities add nothing."""
    one = np.array([np.nan, 1.0, np.inf, 2.0], np.float32)
    other = np.array([np.nan, 1.0, 5.0, 4.0], np.float32)
    found = apart(one, other)

    assert found.relative_change == pytest.approx(2 / 5**0.5)
    assert found.share_changed == 0.5


def test_complex_and_bytes() -> None:
    """Every dtype is compared."""
    assert apart(np.array([1j, 2]), np.array([1j, 1j])).relative_change == pytest.approx(1)
    assert apart(np.array([3], np.uint8), np.array([255], np.uint8)).relative_change == 84


def test_a_sample_says_that_it_is_one() -> None:
    """Its numbers are near; it is the same each time."""
    one = RANDOM.normal(size=12 * PIECE).astype(np.float32)
    other = one + RANDOM.normal(size=one.size).astype(np.float32) / 100
    found = apart(one, other, pieces=3)

    assert found.share_read == 0.0625
    assert found.relative_change == pytest.approx(0.01, rel=0.01)
    assert found == apart(one, other, pieces=3)
    assert found.stable_rank is None


def test_pieces_lie_evenly() -> None:
    """The middle of each part of the tensor."""
    read: list[int] = []

    def note(start: int, stop: int) -> np.ndarray:
        read.append(start // PIECE)
        return np.zeros(stop - start, np.float32)

    distance(note, note, (12 * PIECE,), pieces=3)

    assert read[::2] == [2, 6, 10]
