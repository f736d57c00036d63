"""Tests of `modelhub.pas.audit`."""

from dataclasses import replace

import pytest

from modelhub.errors import IntegrityError
from modelhub.pas import audit_tensor


@pytest.fixture
def stored(archive, tools):
    """A tensor of several groups, one in a block, one without order, one without elements."""
    infos = archive.write(
        [
            tools.noise("float32", (5000,), 1),
            tools.noise("float32", (12,), 2),
            tools.noise("complex64", (2000,), 3),
            ("float32", (0,), b""),
        ]
    )
    return [archive.index.find_tensor(info.id) for info in infos]


def test_what_is_true_passes(archive, stored):
    """Whatever the tensor is."""
    with archive.reader() as reader:
        for each in stored:
            audit_tensor(reader, each)


@pytest.mark.parametrize(
    "changes",
    [{"min": -9.0}, {"max": None}, {"mean": 5.0}, {"std": 0.0}, {"zeros": 7}, {"nans": 1}],
)
def test_statistics_that_are_not_those_of_the_elements(archive, stored, changes):
    """Each of them is compared."""
    first = stored[0]
    with archive.reader() as reader, pytest.raises(IntegrityError, match="statistics"):
        audit_tensor(reader, replace(first, statistics=replace(first.statistics, **changes)))


def test_statistics_where_there_can_be_none(archive, stored):
    """And none where there must be some."""
    first, _, unordered, _ = stored
    with archive.reader() as reader:
        for wrong in (
            replace(first, statistics=None),
            replace(unordered, statistics=first.statistics),
        ):
            with pytest.raises(IntegrityError, match="statistics"):
                audit_tensor(reader, wrong)


def test_rounding_is_no_lie(archive, stored):
    """A mean depends on the order in which elements are added."""
    first = stored[0]
    near = replace(first.statistics, mean=first.statistics.mean + 1e-12)
    with archive.reader() as reader:
        audit_tensor(reader, replace(first, statistics=near))
