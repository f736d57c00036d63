"""Tests of `modelhub.pas.plans.costs`."""

import json
import math

import numpy as np
import pytest

from modelhub.errors import InputError, NotFoundError
from modelhub.pas.plans import CostModel, Line, calibrate


def timing(start, slope):
    return lambda size: start + slope * size


def model():
    return calibrate(
        stores={"local": timing(1e-4, 2e-9), "cold": timing(0.02, 2e-8)},
        encodings={"whole": timing(0, 3e-10), "delta": timing(1e-5, 1e-9)},
    )


def test_lines_are_found_from_timings() -> None:
    """Start and slope of an exact line come back."""
    line = model().stores["local"]

    assert line.start_s == pytest.approx(1e-4)
    assert line.byte_s == pytest.approx(2e-9)


def test_an_outlier_does_not_count() -> None:
    """One call of five that took long is not the median."""
    calls = iter(range(100))

    def disturbed(size):
        return 9.0 if next(calls) % 5 == 2 else 1e-9 * size

    found = calibrate(stores={"s": disturbed}, encodings={}).stores["s"]

    assert found.byte_s == pytest.approx(1e-9)


def test_recreation_is_to_read_and_to_decode() -> None:
    """For many edges at once, in seconds."""
    found = model().recreation(
        store="cold",
        encoding="delta",
        stored_bytes=np.array([1e6, 0]),
        raw_bytes=np.array([4e6, 0]),
    )

    assert found == pytest.approx([0.02 + 0.02 + 1e-5 + 0.004, 0.02 + 1e-5])


@pytest.mark.parametrize(("start", "slope"), [(1.0, -1e-9), (-1e-6, 1e-9)])
def test_noise_makes_no_negative_cost(start, slope) -> None:
    """A line that falls is level, one that starts below nothing starts at it."""
    line = calibrate(stores={}, encodings={"e": timing(start, slope)}).encodings["e"]

    assert line.start_s >= 0
    assert line.byte_s >= 0
    assert line.seconds(np.array([1e6]))[0] > 0


@pytest.mark.parametrize("took", [-1.0, math.nan, math.inf])
def test_what_is_no_time_is_refused(took) -> None:
    """A clock that goes back is noticed."""
    with pytest.raises(InputError, match="local took"):
        calibrate(stores={"local": lambda _: took}, encodings={})


def test_a_line_needs_two_sizes() -> None:
    """One size tells no slope."""
    with pytest.raises(InputError, match="two sizes"):
        calibrate(stores={}, encodings={}, sizes=(10, 10))


def test_what_was_not_measured_is_named() -> None:
    """With what has been."""
    zero = np.zeros(1)
    with pytest.raises(NotFoundError, match=r"store 's3' .* there are: cold, local"):
        model().recreation(store="s3", encoding="whole", stored_bytes=zero, raw_bytes=zero)
    with pytest.raises(NotFoundError, match=r"encoding 'xor' .* there are: delta, whole"):
        model().recreation(store="cold", encoding="xor", stored_bytes=zero, raw_bytes=zero)


def test_a_model_is_kept_as_json() -> None:
    """And comes back the same."""
    assert CostModel.from_json(json.loads(json.dumps(model().to_json()))) == model()


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"stores": [], "encodings": {}},
        {"stores": {"a": [1]}, "encodings": {}},
        {"stores": {"a": [1, "x"]}, "encodings": {}},
        {"stores": {"a": [1, -1]}, "encodings": {}},
    ],
)
def test_what_is_no_model_is_refused(written) -> None:
    """Whoever keeps it, may lose it."""
    with pytest.raises(InputError):
        CostModel.from_json(written)


def test_a_line_has_no_negative_part() -> None:
    """Costs of edges are never negative."""
    with pytest.raises(InputError, match="finite and not negative"):
        Line(start_s=-1, byte_s=0)
