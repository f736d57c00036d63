"""Tests of `modelhub.pas.encodings.matching`."""

import numpy as np

from modelhub.pas.encodings.matching import does_repeat


def test_numbers_of_a_network_do_not_repeat():
    """Exponents are alike, yet no match finder gains from them."""
    raw = np.random.default_rng(0).standard_normal(5000).astype(np.float32).tobytes()

    assert not does_repeat(raw, len(raw) * 83 // 100)


def test_tables_do_repeat():
    """A row that comes again and again, and zeros."""
    row = np.random.default_rng(0).standard_normal(300).astype(np.float32)

    for raw in (np.tile(row, 10).tobytes(), bytes(4000)):
        assert does_repeat(raw, len(raw) * 83 // 100)
