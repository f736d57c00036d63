"""Tests of `modelhub.pas.encodings.default`."""

import logging

import pytest

from modelhub.pas.encodings import default


@pytest.fixture
def without_extension(monkeypatch):
    default.default_encoding.cache_clear()
    monkeypatch.setattr(default, "is_fast", lambda: False)
    yield
    default.default_encoding.cache_clear()


@pytest.mark.usefixtures("without_extension")
def test_without_the_extension_it_is_said_once(caplog):
    """New tensors are written by zstd, and one line says how to change that."""
    with caplog.at_level(logging.WARNING):
        names = {default.default_encoding() for _ in range(3)}

    assert names == {"planes-zstd"}
    assert [record.getMessage().count("\n") for record in caplog.records] == [0]
    assert "C++ compiler" in caplog.text


def test_a_fast_kernel_writes_levels(monkeypatch):
    """Where there is one, nothing is said."""
    default.default_encoding.cache_clear()
    monkeypatch.setattr(default, "is_fast", lambda: True)

    assert default.default_encoding() == "levels-rans"
    default.default_encoding.cache_clear()
